package io.quorate.statemachine.cib;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.cib.Finding.Verdict;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.OnFail;
import io.quorate.v1.PlacementStrategy;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people have in Pacemaker becomes objects of ours, and nothing is dropped in silence. */
class CibImportTest {
    private static final String VIP = """
            <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
              <instance_attributes id="vip-p">
                <nvpair id="vip-ip" name="ip" value="10.0.0.50"/>
              </instance_attributes>
              <operations>
                <op id="vip-m" name="monitor" interval="10s" timeout="20s" on-fail="fence"/>
                <op id="vip-s" name="start" interval="0" timeout="1min"/>
              </operations>
            </primitive>
            """;

    private static Imported imported(String options, String nodes, String resources, String constraints)
            throws CibException {
        return imported("<crm_config><cluster_property_set id=\"o\">" + options
                + "</cluster_property_set></crm_config><nodes>" + nodes + "</nodes><resources>" + resources
                + "</resources><constraints>" + constraints + "</constraints>");
    }

    private static Imported imported(String configuration) throws CibException {
        String cib = "<cib><configuration>\n" + configuration + "\n</configuration></cib>";
        return CibImport.read(
                new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)), Instant.parse("2026-11-21T00:00:00Z"));
    }

    private static Manifest object(Imported imported, String key) {
        return imported.manifests().stream()
                .filter(manifest -> ManifestRules.key(manifest).equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static Finding finding(Imported imported, String subject) {
        return imported.findings().stream()
                .filter(each -> each.subject().equals(subject))
                .findFirst()
                .orElseThrow(() -> new AssertionError(subject + " is not in " + imported.findings()));
    }

    @Test
    void aPrimitiveIsAResourceWithItsParametersAndOperations() throws CibException {
        var resource = object(imported("", "", VIP, ""), "resources/vip").getResource();
        assertThat(resource.getOcf().getType()).isEqualTo("IPaddr2");
        assertThat(resource.getOcf().getParamsMap()).containsEntry("ip", "10.0.0.50");
        var monitor = resource.getOperationsList().stream()
                .filter(operation -> operation.getName().equals("monitor"))
                .findFirst()
                .orElseThrow();
        assertThat(monitor.getInterval().getSeconds()).isEqualTo(10);
        assertThat(monitor.getOnFail()).isEqualTo(OnFail.ON_FAIL_FENCE);
        assertThat(resource.getOperationsList())
                .anyMatch(operation -> operation.getName().equals("start")
                        && operation.getTimeout().getSeconds() == 60);
    }

    @Test
    void stickinessIsPacemakersAndNotOurDefault() throws CibException {
        assertThat(object(imported("", "", VIP, ""), "resources/vip")
                        .getResource()
                        .getPlacement()
                        .getStickiness())
                .isZero();
        Imported sticky = imported("<resources>" + VIP + "</resources><rsc_defaults><meta_attributes id=\"d\">"
                + "<nvpair id=\"d-s\" name=\"resource-stickiness\" value=\"7\"/></meta_attributes></rsc_defaults>");
        assertThat(object(sticky, "resources/vip").getResource().getPlacement().getStickiness())
                .isEqualTo(7);
        assertThat(finding(sticky, "rsc_defaults resource-stickiness").verdict())
                .isEqualTo(Verdict.KEPT);
    }

    private static String migratable(String id, String more) {
        return "<primitive id=\"" + id + "\" class=\"ocf\" provider=\"heartbeat\" type=\"VirtualDomain\">"
                + "<meta_attributes id=\"" + id + "-m\"><nvpair id=\"" + id
                + "-am\" name=\"allow-migrate\" value=\"true\"/></meta_attributes><operations>"
                + "<op id=\"" + id + "-to\" name=\"migrate_to\" interval=\"0\" timeout=\"120s\"" + more + "/>"
                + "</operations></primitive>";
    }

    @Test
    void whatMovesAliveDoesSoHere() throws CibException {
        Imported imported = imported("", "", migratable("vm", " on-fail=\"block\""), "");
        var vm = object(imported, "resources/vm").getResource();
        assertThat(vm.getLiveMigration()).isTrue();
        assertThat(vm.getOperationsList())
                .anyMatch(operation -> operation.getName().equals("migrate_to")
                        && operation.getTimeout().getSeconds() == 120
                        && operation.getOnFail() == OnFail.ON_FAIL_UNSPECIFIED);
        assertThat(finding(imported, "primitive vm meta allow-migrate").verdict())
                .isEqualTo(Verdict.KEPT);
        assertThat(finding(imported, "primitive vm operation migrate_to on-fail")
                        .verdict())
                .isEqualTo(Verdict.NOT_SUPPORTED);
    }

    @Test
    void whatIsSaidOfAnOperationAndNotTakenOverIsSaid() throws CibException {
        Imported imported = imported("", "", """
                <primitive id="db" class="ocf" provider="heartbeat" type="Dummy"><operations>
                  <op id="o1" name="monitor" interval="10s" on-fail="standby" start-delay="5s" record-pending="true"/>
                  <op id="o2" name="stop" interval="0" on-fail="standby" mood="good"/>
                </operations></primitive>""", "");
        String monitor = "primitive db operation monitor every 10000 ms ";
        assertThat(finding(imported, monitor + "on-fail").text())
                .startsWith("'standby' is not supported: it is started again (onFail: standby of this version moves");
        assertThat(finding(imported, monitor + "start-delay").verdict()).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "primitive db operation stop on-fail").text())
                .startsWith("'standby' is not supported: a stop that fails has its node fenced, or waits for a person");
        assertThat(finding(imported, "primitive db operation stop mood").text())
                .isEqualTo("this attribute is not known");
        assertThat(imported.findings()).noneMatch(each -> each.subject().contains("record-pending"));
    }

    @Test
    void aScoreThatIsClippedIsSaid() throws CibException {
        Imported imported = imported(
                "",
                "<node id=\"1\" uname=\"n1\"/>",
                VIP,
                "<rsc_location id=\"l\" rsc=\"vip\" node=\"n1\" score=\"2000000\"/>");
        assertThat(finding(imported, "rsc_location l score").text())
                .isEqualTo("the score 2000000 is out of range: taken as INFINITY");
        assertThat(finding(imported, "rsc_location l score").verdict()).isEqualTo(Verdict.CHANGED);
    }

    @Test
    void whatIsInAGroupIsStoppedToBeMoved() throws CibException {
        Imported imported = imported("", "", "<group id=\"web\">" + migratable("vm", "") + "</group>", "");
        var vm = object(imported, "resources/vm").getResource();
        assertThat(vm.getLiveMigration()).isFalse();
        assertThat(vm.getOperationsList())
                .noneMatch(operation -> operation.getName().equals("migrate_to"));
        assertThat(finding(imported, "primitive vm operation migrate_to").verdict())
                .isEqualTo(Verdict.CHANGED);
    }

    @Test
    void aGroupKeepsItsOrderAndTheStickinessOfAllItsMembers() throws CibException {
        String group = "<group id=\"web\"><meta_attributes id=\"g\">"
                + "<nvpair id=\"g-s\" name=\"resource-stickiness\" value=\"100\"/></meta_attributes>" + VIP
                + "<primitive id=\"www\" class=\"systemd\" type=\"nginx\"/></group>";
        Imported imported = imported("", "", group, "");
        var web = object(imported, "groups/web").getGroup();
        assertThat(web.getMembersList()).containsExactly("vip", "www");
        assertThat(web.getPlacement().getStickiness()).isEqualTo(200);
        assertThat(object(imported, "resources/www").getResource().getSystemd().getUnit())
                .isEqualTo("nginx.service");
    }

    @Test
    void secretsAreLeftOutAndSoIsTheirValue() throws CibException {
        Imported imported = imported(
                "",
                "<node id=\"1\" uname=\"n1\"/>",
                "<primitive id=\"ipmi\" class=\"stonith\" type=\"fence_ipmilan\"><instance_attributes id=\"i\">"
                        + "<nvpair id=\"i1\" name=\"password\" value=\"hunter2\"/>"
                        + "<nvpair id=\"i2\" name=\"ip\" value=\"10.9.0.1\"/>"
                        + "<nvpair id=\"i3\" name=\"pcmk_host_list\" value=\"n1\"/>"
                        + "</instance_attributes></primitive>",
                "");
        var device = object(imported, "fenceDevices/ipmi").getFenceDevice();
        assertThat(device.getSecretParamsMap().get("password").getFile())
                .isEqualTo("/etc/quorate/secrets/ipmi-password");
        assertThat(device.getPerNodeMap()).containsOnlyKeys("n1");
        assertThat(imported.toString()).doesNotContain("hunter2");
        assertThat(finding(imported, "fence device ipmi parameter password").verdict())
                .isEqualTo(Verdict.CHANGED);
    }

    @Test
    void fencingLevelsBecomeAPlanForTheirNode() throws CibException {
        String devices = "<primitive id=\"a\" class=\"stonith\" type=\"fence_apc\"><instance_attributes id=\"ai\">"
                + "<nvpair id=\"a1\" name=\"pcmk_host_map\" value=\"n1:3;n2:4\"/></instance_attributes></primitive>"
                + "<primitive id=\"b\" class=\"stonith\" type=\"fence_ipmilan\"><instance_attributes id=\"bi\">"
                + "<nvpair id=\"b1\" name=\"pcmk_host_list\" value=\"n1\"/></instance_attributes></primitive>";
        Imported imported = imported("<resources>" + devices + "</resources><fencing-topology>"
                + "<fencing-level id=\"l2\" target=\"n1\" index=\"2\" devices=\"a\"/>"
                + "<fencing-level id=\"l1\" target=\"n1\" index=\"1\" devices=\"b\"/></fencing-topology>");
        var plan = object(imported, "fencePlans/fence-n1").getFencePlan();
        assertThat(plan.getNodesList()).containsExactly("n1");
        assertThat(plan.getLevels(0).getDevicesList()).containsExactly("b");
        assertThat(plan.getLevels(1).getDevicesList()).containsExactly("a");
        assertThat(object(imported, "fenceDevices/a")
                        .getFenceDevice()
                        .getPerNodeMap()
                        .get("n2")
                        .getParamsMap())
                .containsEntry("plug", "4");
    }

    @Test
    void aDeviceThatIsNoFenceAgentIsALossOfProtection() throws CibException {
        Imported imported = imported("", "", "<primitive id=\"x\" class=\"stonith\" type=\"external/ssh\"/>", "");
        assertThat(imported.losesProtection()).isTrue();
        assertThat(imported.manifests()).isEmpty();
    }

    @Test
    void locationsGoToThePlacement() throws CibException {
        String node = "<node id=\"1\" uname=\"n1\"><instance_attributes id=\"na\">"
                + "<nvpair id=\"nas\" name=\"site\" value=\"west\"/></instance_attributes></node>";
        Imported imported = imported("", node, VIP, """
                <rsc_location id="l1" rsc="vip" node="n1" score="100"/>
                <rsc_location id="cli-ban-vip-on-n2" rsc="vip" node="n2" score="-INFINITY"/>
                <rsc_location id="l3" rsc="vip">
                  <rule id="r" score="-INFINITY"><expression id="e" attribute="site" operation="ne" value="west"/></rule>
                </rsc_location>
                """);
        var placement = object(imported, "resources/vip").getResource().getPlacement();
        assertThat(placement.getPreferMap()).containsEntry("n1", 100);
        assertThat(placement.getAvoidList()).containsExactly("n2");
        assertThat(placement.getOnlyLabelsMap()).containsEntry("site", "west");
        assertThat(finding(imported, "rsc_location cli-ban-vip-on-n2").verdict())
                .isEqualTo(Verdict.CHANGED);
        assertThat(imported.losesProtection()).isFalse();
    }

    @Test
    void optionsHaveAVerdictEach() throws CibException {
        Imported imported = imported(
                "<nvpair id=\"1\" name=\"stonith-enabled\" value=\"false\"/>"
                        + "<nvpair id=\"2\" name=\"stonith-timeout\" value=\"90s\"/>"
                        + "<nvpair id=\"3\" name=\"stonith-watchdog-timeout\" value=\"10s\"/>"
                        + "<nvpair id=\"4\" name=\"no-such-option\" value=\"1\"/>",
                "",
                "",
                "");
        assertThat(finding(imported, "option stonith-enabled").verdict()).isEqualTo(Verdict.CHANGED);
        assertThat(object(imported, "settings")
                        .getSettings()
                        .getFenceAttemptTimeout()
                        .getSeconds())
                .isEqualTo(90);
        assertThat(finding(imported, "option stonith-watchdog-timeout").losesProtection())
                .isTrue();
        assertThat(finding(imported, "option no-such-option").verdict()).isEqualTo(Verdict.NOT_SUPPORTED);
    }

    @Test
    void whatNobodyMayTouchNowIsALossOfProtection() throws CibException {
        String unmanaged = VIP.replace(
                "<operations>",
                "<meta_attributes id=\"m\"><nvpair id=\"mm\" name=\"is-managed\" value=\"false\"/></meta_attributes>"
                        + "<operations>");
        assertThat(imported("", "", unmanaged, "").losesProtection()).isTrue();
    }

    @Test
    void whatAClusterWouldRefuseIsToldAndLeftOut() throws CibException {
        String name = "x".repeat(70);
        Imported imported = imported("", "", VIP.replace("id=\"vip\"", "id=\"" + name + "\""), "");
        assertThat(imported.manifests()).isEmpty();
        assertThat(imported.findings())
                .anyMatch(each ->
                        each.verdict() == Verdict.NOT_SUPPORTED && each.text().contains("would be refused"));
    }

    @Test
    void utilizationAndItsStrategyAreKept() throws CibException {
        Imported imported = imported(
                "<nvpair id=\"1\" name=\"placement-strategy\" value=\"balanced\"/>",
                "<node id=\"1\" uname=\"n1\"><utilization id=\"u\"><nvpair id=\"u1\" name=\"ram\" value=\"8\"/>"
                        + "</utilization></node>",
                "<primitive id=\"www\" class=\"systemd\" type=\"nginx\"><utilization id=\"v\">"
                        + "<nvpair id=\"v1\" name=\"ram\" value=\"2\"/></utilization></primitive>",
                "");
        assertThat(object(imported, "settings").getSettings().getPlacementStrategy())
                .isEqualTo(PlacementStrategy.PLACEMENT_STRATEGY_BALANCED);
        assertThat(object(imported, "nodes/n1").getNode().getUtilizationMap()).containsEntry("ram", 8L);
        assertThat(object(imported, "resources/www").getResource().getUtilizationMap())
                .containsEntry("ram", 2L);
        assertThat(finding(imported, "option placement-strategy").verdict()).isEqualTo(Verdict.KEPT);
    }

    /** There is no limit there where nothing is said; here there is always one. */
    @Test
    void theLimitOfMigrationsIsTaken() throws CibException {
        Imported limited = imported("<nvpair id=\"1\" name=\"migration-limit\" value=\"4\"/>", "", VIP, "");
        assertThat(object(limited, "settings").getSettings().getMaxMigrationsPerNode())
                .isEqualTo(4);
        assertThat(finding(limited, "option migration-limit").verdict()).isEqualTo(Verdict.KEPT);
        Imported unlimited = imported("<nvpair id=\"1\" name=\"migration-limit\" value=\"-1\"/>", "", VIP, "");
        assertThat(unlimited.manifests()).noneMatch(Manifest::hasSettings);
        assertThat(finding(unlimited, "option migration-limit").verdict()).isEqualTo(Verdict.CHANGED);
    }

    /** 0 is twice the cores of a node there, which no setting says here. */
    @Test
    void theLimitOfActionsOnANodeIsTheLimitOfItsStarts() throws CibException {
        Imported limited = imported("<nvpair id=\"1\" name=\"node-action-limit\" value=\"4\"/>", "", VIP, "");
        assertThat(object(limited, "settings").getSettings().getMaxStartsPerNode())
                .isEqualTo(4);
        assertThat(finding(limited, "option node-action-limit").verdict()).isEqualTo(Verdict.KEPT);
        Imported automatic = imported(
                "<nvpair id=\"1\" name=\"node-action-limit\" value=\"0\"/>"
                        + "<nvpair id=\"2\" name=\"batch-limit\" value=\"30\"/>",
                "",
                VIP,
                "");
        assertThat(automatic.manifests()).noneMatch(Manifest::hasSettings);
        assertThat(finding(automatic, "option node-action-limit").verdict()).isEqualTo(Verdict.CHANGED);
        assertThat(finding(automatic, "option batch-limit").text()).contains("maxStartsPerNode");
    }

    /** What sets the attributes has to say so to this cluster. */
    @Test
    void healthOfNodesIsKept() throws CibException {
        Imported imported = imported(
                "<nvpair id=\"1\" name=\"node-health-strategy\" value=\"progressive\"/>"
                        + "<nvpair id=\"2\" name=\"node-health-yellow\" value=\"-10\"/>",
                "<node id=\"1\" uname=\"n1\"><instance_attributes id=\"a\">"
                        + "<nvpair id=\"a1\" name=\"#health-smart\" value=\"red\"/></instance_attributes></node>",
                "<primitive id=\"www\" class=\"systemd\" type=\"nginx\"><meta_attributes id=\"m\">"
                        + "<nvpair id=\"m1\" name=\"allow-unhealthy-nodes\" value=\"true\"/></meta_attributes></primitive>",
                "<rsc_location id=\"l\" rsc=\"www\"><rule id=\"r\" score=\"-5\">"
                        + "<expression id=\"e\" attribute=\"#health-smart\" operation=\"eq\" value=\"red\"/></rule>"
                        + "</rsc_location>");
        NodeHealth health = object(imported, "settings").getSettings().getNodeHealth();
        assertThat(health.getStrategy()).isEqualTo(HealthStrategy.HEALTH_STRATEGY_PROGRESSIVE);
        assertThat(health.getYellow()).isEqualTo(-10);
        assertThat(health.hasRed()).isFalse();
        assertThat(object(imported, "resources/www").getResource().getAllowUnhealthyNodes())
                .isTrue();
        assertThat(finding(imported, "node n1 attribute #health-smart").text())
                .contains("quorate node attribute n1 health-smart red");
        assertThat(object(imported, "locations/l")
                        .getLocation()
                        .getRules(0)
                        .getMatches(0)
                        .getAttribute())
                .isEqualTo("health-smart");
    }

    /** It is the default of its colocations, which need not say it again. */
    @Test
    void criticalIsKeptOfUnitsAndNotOfMembers() throws CibException {
        String meta = "<meta_attributes id=\"%1$s-m\"><nvpair id=\"%1$s-c\" name=\"critical\" value=\"false\"/>"
                + "</meta_attributes></primitive>";
        String www = "<primitive id=\"%1$s\" class=\"systemd\" type=\"nginx\">" + meta;
        Imported imported = imported(
                "",
                "",
                www.formatted("www") + "<group id=\"g\">" + www.formatted("a") + VIP + "</group>",
                "<rsc_colocation id=\"c\" rsc=\"www\" with-rsc=\"g\" score=\"5\"/>"
                        + "<rsc_colocation id=\"d\" rsc=\"www\" with-rsc=\"g\" score=\"6\" influence=\"true\"/>");
        assertThat(object(imported, "resources/www").getResource().getNotCritical())
                .isTrue();
        assertThat(finding(imported, "primitive www meta critical").verdict()).isEqualTo(Verdict.KEPT);
        assertThat(finding(imported, "primitive a meta critical").text()).contains("a group is placed as one");
        assertThat(object(imported, "colocations/c").getColocation().getNoInfluence())
                .isFalse();
        assertThat(object(imported, "colocations/c").getColocation().getInfluence())
                .isFalse();
        assertThat(object(imported, "colocations/d").getColocation().getInfluence())
                .isTrue();
    }

    @Test
    void aGroupWhoseMemberIsLeftOutIsLeftOutAsAWhole() throws CibException {
        String name = "x".repeat(70);
        Imported imported = imported(
                "",
                "",
                "<group id=\"web\">" + VIP + "<primitive id=\"" + name + "\" class=\"systemd\" type=\"x\"/></group>",
                "<rsc_location id=\"l\" rsc=\"vip\" node=\"n1\" score=\"-INFINITY\"/>");
        assertThat(imported.manifests()).isEmpty();
        assertThat(finding(imported, "web").verdict()).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "rsc_location l").losesProtection()).isTrue();
    }

    @Test
    void findingsAreInTheOrderOfTheFile() throws CibException {
        List<Integer> lines = imported("", "<node id=\"1\" uname=\"n1\"/>", VIP, "").findings().stream()
                .map(Finding::line)
                .toList();
        assertThat(lines).isSorted();
    }
}
