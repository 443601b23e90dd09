package io.quorate.statemachine.cib;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quorate.statemachine.placement.Problem;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What was started with other parameters than those of now has to restart; digests are those that Pacemaker writes. */
class DefinitionsTest {
    /** Of the one parameter {@code state="x"}. */
    private static final String STATE_X = "cf805b53ea6a500dc84813128e1563ad";

    private static final String NONE = "f2317cad3d54cec5d7d7aa7d0bf35cf8";

    private static boolean outdated(String parameters, String start) throws CibException {
        String cib = """
                <cib have-quorum="1"><configuration>
                  <crm_config><cluster_property_set id="o">
                    <nvpair id="o1" name="fencing-enabled" value="false"/>
                  </cluster_property_set></crm_config>
                  <nodes><node id="1" uname="n1"/></nodes>
                  <resources><primitive id="a" class="ocf" provider="test" type="Dummy">
                    <instance_attributes id="i">%s</instance_attributes>
                  </primitive></resources>
                  <constraints/>
                </configuration><status>
                  <node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member">
                    <lrm id="1"><lrm_resources><lrm_resource id="a" class="ocf" provider="test" type="Dummy">
                      <lrm_rsc_op id="a_last_0" operation="start" call-id="1" interval="0"
                        transition-key="1:1:0:x" %s/>
                    </lrm_resource></lrm_resources></lrm>
                  </node_state>
                </status></cib>
                """.formatted(parameters, start);
        Problem problem = ProblemReader.read(Cib.read(
                new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)), Instant.parse("2026-01-01T00:00:00Z")));
        return problem.activities().get(0).outdated();
    }

    private static String pair(String name, String value) {
        return "<nvpair id=\"%s\" name=\"%s\" value=\"%s\"/>".formatted("p-" + name, name, value);
    }

    private static String done(String digests) {
        return "rc-code=\"0\" op-status=\"0\" " + digests;
    }

    @Test
    void theSameParametersAskForNothing() throws CibException {
        assertEquals(false, outdated(pair("state", "x"), done("op-digest=\"" + STATE_X + "\"")));
        assertEquals(false, outdated("", done("op-digest=\"" + NONE + "\"")));
    }

    @Test
    void aParameterThatChangedAsksForARestart() throws CibException {
        assertEquals(true, outdated(pair("state", "z"), done("op-digest=\"" + STATE_X + "\"")));
    }

    @Test
    void aHistoryWithoutDigestsAsksForNothing() throws CibException {
        assertEquals(false, outdated(pair("state", "z"), done("")));
    }

    @Test
    void aPasswordThatWasRemovedFromTheFileIsNoChange() throws CibException {
        String secure =
                "op-digest=\"of-the-real-one\" op-secure-params=\" password \" op-secure-digest=\"" + STATE_X + "\"";
        assertEquals(false, outdated(pair("state", "x") + pair("password", "****"), done(secure)));
        assertEquals(true, outdated(pair("state", "z") + pair("password", "****"), done(secure)));
    }

    @Test
    void aParameterThatAReloadCanChangeAsksForNoRestartOnceItRuns() throws CibException {
        String reloadable = "op-digest=\"old\" op-force-restart=\" state \" op-restart-digest=\"" + STATE_X + "\"";
        assertEquals(false, outdated(pair("state", "x") + pair("level", "2"), done(reloadable)));
        assertEquals(
                true,
                outdated(pair("state", "x") + pair("level", "2"), "rc-code=\"193\" op-status=\"-1\" " + reloadable));
    }
}
