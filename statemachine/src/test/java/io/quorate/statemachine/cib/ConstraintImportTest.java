package io.quorate.statemachine.cib;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.statemachine.cib.Finding.Verdict;
import io.quorate.statemachine.dates.DateWords;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.DateCondition;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Manifest;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.MatchType;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.TicketConstraintSpec;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What binds resources to nodes and to each other is taken over as it was meant, and every constraint has its verdict. */
class ConstraintImportTest {
    private static final int NEVER = -1_000_000;

    private static final String NODES = """
            <nodes>
              <node id="1" uname="n1"><instance_attributes id="n1a">
                <nvpair id="n1a1" name="rack" value="A"/><nvpair id="n1a2" name="weight" value="30"/>
              </instance_attributes></node>
              <node id="2" uname="n2"><instance_attributes id="n2a">
                <nvpair id="n2a1" name="rack" value="b"/>
              </instance_attributes></node>
            </nodes>
            """;

    private static final String RESOURCES = """
            <resources>
              <primitive id="a" class="systemd" type="a"/>
              <primitive id="b" class="systemd" type="b"/>
              <primitive id="c" class="systemd" type="c"/>
              <primitive id="d" class="systemd" type="d"/>
              <group id="g">
                <primitive id="g1" class="systemd" type="g1"/>
                <primitive id="g2" class="systemd" type="g2"/>
              </group>
              <bundle id="cl"><podman image="i"/><primitive id="inner" class="ocf" provider="x" type="inner"/></bundle>
              <primitive id="fence" class="stonith" type="fence_apc"/>
            </resources>
            <tags><tag id="both"><obj_ref id="a"/><obj_ref id="b"/></tag></tags>
            """;

    private static Imported imported(String constraints) {
        return imported("", constraints);
    }

    private static Imported imported(String options, String constraints) {
        String cib = "<cib><configuration><crm_config><cluster_property_set id=\"o\">" + options
                + "</cluster_property_set></crm_config>" + NODES + RESOURCES + "<constraints>\n" + constraints
                + "</constraints></configuration></cib>";
        try {
            return CibImport.read(
                    new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)),
                    Instant.parse("2026-11-21T00:00:00Z"));
        } catch (CibException e) {
            throw new AssertionError(e);
        }
    }

    private static Manifest object(Imported imported, String key) {
        return imported.manifests().stream()
                .filter(manifest -> Keys.of(manifest).equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is not in "
                        + imported.manifests().stream().map(Keys::of).toList()));
    }

    private static List<String> constraints(Imported imported) {
        return imported.manifests().stream()
                .filter(manifest -> manifest.hasLocation() || manifest.hasColocation() || manifest.hasOrder())
                .map(Keys::of)
                .toList();
    }

    private static Placement placement(Imported imported, String resource) {
        return object(imported, "resources/" + resource).getResource().getPlacement();
    }

    private static Finding finding(Imported imported, String subject) {
        return imported.findings().stream()
                .filter(each -> each.subject().equals(subject))
                .findFirst()
                .orElseThrow(() -> new AssertionError(subject + " is not in " + imported.findings()));
    }

    private static Verdict verdict(Imported imported, String subject) {
        return finding(imported, subject).verdict();
    }

    private static List<LocationRule> rules(String rule) {
        Imported imported = imported("<rsc_location id=\"l\" rsc=\"a\">" + rule + "</rsc_location>");
        assertThat(verdict(imported, "rsc_location l rule r")).isEqualTo(Verdict.KEPT);
        return object(imported, "locations/l").getLocation().getRulesList();
    }

    private static String expression(String attribute, String operation, String value) {
        return "<expression id=\"e" + attribute + operation + "\" attribute=\"" + attribute + "\" operation=\""
                + operation + "\"" + (value.isEmpty() ? "" : " value=\"" + value + "\"") + "/>";
    }

    private static NodeMatch.Builder label(MatchOperator operator, String value) {
        return NodeMatch.newBuilder().setLabel("rack").setOperator(operator).setValue(value);
    }

    private static NodeMatch.Builder ping(MatchOperator operator, String value) {
        return NodeMatch.newBuilder().setAttribute("ping").setOperator(operator).setValue(value);
    }

    @Test
    void aMemberHasALocationOfItsOwnAndAUnitAPlacement() {
        Imported imported = imported("""
                <rsc_location id="u" rsc="a" node="n1" score="100"/>
                <rsc_location id="m" rsc="g2" node="n1" score="-INFINITY"/>
                """);
        assertThat(placement(imported, "a").getPreferMap()).containsEntry("n1", 100);
        assertThat(object(imported, "locations/m").getLocation())
                .isEqualTo(LocationSpec.newBuilder()
                        .setResource("g2")
                        .putNodes("n1", NEVER)
                        .build());
    }

    @Test
    void whatNeedNotBeThereIsTheSameWhereItIsLess() {
        assertThat(rules("<rule id=\"r\" score=\"-INFINITY\" boolean-op=\"or\">" + expression("ping", "not_defined", "")
                        + expression("ping", "lt", "1000") + "</rule>"))
                .containsExactly(LocationRule.newBuilder()
                        .setScore(NEVER)
                        .setAny(true)
                        .addMatches(NodeMatch.newBuilder()
                                .setAttribute("ping")
                                .setOperator(MatchOperator.MATCH_OPERATOR_NOT_DEFINED))
                        .addMatches(ping(MatchOperator.MATCH_OPERATOR_LESS, "1000"))
                        .build());
    }

    /** In Pacemaker what is not there is less than nothing; in ours it is less than anything. */
    @Test
    void whatIsLessHasToBeThere() {
        assertThat(rules("<rule id=\"r\" score=\"7\">" + expression("ping", "lt", "1000") + "</rule>"))
                .containsExactly(LocationRule.newBuilder()
                        .setScore(7)
                        .addMatches(ping(MatchOperator.MATCH_OPERATOR_LESS, "1000"))
                        .addMatches(NodeMatch.newBuilder()
                                .setAttribute("ping")
                                .setOperator(MatchOperator.MATCH_OPERATOR_DEFINED))
                        .build());
    }

    @Test
    void aScoreIsAddedOnceHoweverManyWaysARuleHolds() {
        String rule = "<rule id=\"r\" score=\"7\" boolean-op=\"or\"><rule id=\"r1\">" + expression("rack", "eq", "A")
                + expression("ping", "gt", "1") + "</rule><rule id=\"r2\">" + expression("rack", "eq", "b")
                + expression("ping", "gt", "5") + "</rule>" + expression("ping", "gte", "9") + "</rule>";
        assertThat(rules(rule))
                .containsExactly(
                        LocationRule.newBuilder()
                                .setScore(7)
                                .addMatches(label(MatchOperator.MATCH_OPERATOR_UNSPECIFIED, "A"))
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_GREATER, "1"))
                                .build(),
                        LocationRule.newBuilder()
                                .setScore(7)
                                .addMatches(label(MatchOperator.MATCH_OPERATOR_UNSPECIFIED, "b"))
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_GREATER, "5"))
                                .build(),
                        LocationRule.newBuilder()
                                .setScore(7)
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_GREATER_OR_EQUAL, "9"))
                                .addMatches(label(MatchOperator.MATCH_OPERATOR_NOT_EQUAL, "A"))
                                .addMatches(label(MatchOperator.MATCH_OPERATOR_NOT_EQUAL, "b"))
                                .build(),
                        LocationRule.newBuilder()
                                .setScore(7)
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_GREATER_OR_EQUAL, "9"))
                                .addMatches(label(MatchOperator.MATCH_OPERATOR_UNSPECIFIED, "b"))
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_LESS_OR_EQUAL, "5"))
                                .build(),
                        LocationRule.newBuilder()
                                .setScore(7)
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_GREATER_OR_EQUAL, "9"))
                                .addMatches(label(MatchOperator.MATCH_OPERATOR_UNSPECIFIED, "A"))
                                .addMatches(ping(MatchOperator.MATCH_OPERATOR_LESS_OR_EQUAL, "1"))
                                .build());
    }

    @Test
    void capitalLettersAreThoseOfTheNodes() {
        assertThat(rules("<rule id=\"r\" score=\"7\">" + expression("rack", "eq", "B") + "</rule>"))
                .containsExactly(LocationRule.newBuilder()
                        .setScore(7)
                        .addMatches(NodeMatch.newBuilder().setLabel("rack").setValue("b"))
                        .build());
    }

    @Test
    void numbersAndVersionsAreComparedAsSuch() {
        String version = "<expression id=\"e\" attribute=\"os\" operation=\"gte\" type=\"version\" value=\"12.1\"/>";
        String text = "<expression id=\"e\" attribute=\"os\" operation=\"gt\" value=\"bookworm\"/>";
        assertThat(rules("<rule id=\"r\" score=\"7\">" + version + "</rule>")
                        .get(0)
                        .getMatches(0)
                        .getType())
                .isEqualTo(MatchType.MATCH_TYPE_VERSION);
        assertThat(rules("<rule id=\"r\" score=\"7\">" + text + "</rule>")
                        .get(0)
                        .getMatches(0)
                        .getType())
                .isEqualTo(MatchType.MATCH_TYPE_TEXT);
    }

    @Test
    void twoBansFromAllButOneNodeLeaveNone() {
        Imported imported = imported("<rsc_location id=\"l\" rsc=\"a\"><rule id=\"r\" score=\"-INFINITY\">"
                + expression("#uname", "ne", "n1") + "</rule><rule id=\"r2\" score=\"-INFINITY\">"
                + expression("#id", "ne", "2") + "</rule></rsc_location>");
        assertThat(object(imported, "locations/l").getLocation().getRulesList())
                .extracting(rule -> rule.getMatches(0).getAttribute()
                        + rule.getMatches(0).getOperator()
                        + rule.getMatches(0).getValue())
                .containsExactly("#unameMATCH_OPERATOR_NOT_EQUALn1", "#unameMATCH_OPERATOR_NOT_EQUALn2");
    }

    @Test
    void aScoreThatNodesHoldIsARuleForEach() {
        Imported imported = imported("<rsc_location id=\"l\" rsc=\"a\"><rule id=\"r\" score-attribute=\"weight\">"
                + expression("rack", "defined", "") + "</rule></rsc_location>");
        assertThat(verdict(imported, "rsc_location l rule r")).isEqualTo(Verdict.CHANGED);
        assertThat(object(imported, "locations/l").getLocation().getRulesList())
                .extracting(LocationRule::getScore)
                .containsExactly(30, NEVER);
    }

    @Test
    void phasesOfTheMoonRolesAndWhatNodesSayOfThemselvesAreNotSupported() {
        String moon =
                "<date_expression id=\"e\" operation=\"date_spec\"><date_spec id=\"s\" moon=\"4\"/></date_expression>";
        assertThat(finding(
                                imported("<rsc_location id=\"l\" rsc=\"a\"><rule id=\"r\" score=\"-INFINITY\">" + moon
                                        + "</rule></rsc_location>"),
                                "rsc_location l rule r")
                        .losesProtection())
                .isTrue();
        Imported others = imported("<rsc_location id=\"l\" rsc=\"a\"><rule id=\"r\" score=\"5\">" + moon
                + "</rule><rule id=\"s\" score=\"5\">" + expression("#is_dc", "eq", "true")
                + "</rule><rule id=\"t\" score=\"5\"><date_expression id=\"u\" operation=\"gt\" start=\"tomorrow\"/>"
                + "</rule></rsc_location><rsc_location id=\"p\" rsc=\"a\" role=\"Promoted\" node=\"n1\" score=\"5\"/>");
        for (String subject :
                List.of("rsc_location l rule r", "rsc_location l rule s", "rsc_location l rule t", "rsc_location p")) {
            assertThat(verdict(others, subject)).isEqualTo(Verdict.NOT_SUPPORTED);
        }
        assertThat(finding(others, "rsc_location l rule r").text()).isEqualTo("phases of the moon are not supported");
        assertThat(finding(others, "rsc_location l rule t").text()).isEqualTo("'tomorrow' is no date");
        assertThat(others.losesProtection()).isFalse();
        assertThat(constraints(others)).isEmpty();
    }

    private static String dated(String attributes, String inside) {
        return "<rule id=\"r\" score=\"5\"><date_expression id=\"e\" " + attributes + ">" + inside
                + "</date_expression></rule>";
    }

    private static void means(String rule, String dates) {
        assertThat(rules(rule).get(0).getMatches(0).getDuring()).isEqualTo(DateWords.parse(dates));
    }

    /** Pacemaker counts whole seconds, and the last one of a range belongs to it. */
    @Test
    void instantsWithAnOffsetAreKeptToTheSecond() {
        means(dated("operation=\"gt\" start=\"2026-05-01T02:00:00+02:00\"", ""), "after=2026-05-01T00:00:01Z");
        means(dated("operation=\"lt\" end=\"2026-05-01 00:00:00Z\"", ""), "before=2026-05-01T00:00:00Z");
        means(
                dated("start=\"2026-05-01 00:00:00Z\" end=\"2026-05-31 23:59:59Z\"", ""),
                "after=2026-05-01T00:00:00Z;before=2026-06-01T00:00:00Z");
        means(
                dated(
                        "operation=\"in_range\" start=\"2026-01-31 00:00:00Z\"",
                        "<duration id=\"d\" months=\"1\" hours=\"2\"/>"),
                "after=2026-01-31T00:00:00Z;before=2026-02-28T02:00:01Z");
    }

    /** Which time zone Pacemaker's nodes are in no CIB says. */
    @Test
    void whatGoesByLocalTimeIsTakenAsUtcAndSaysSo() {
        for (String rule : List.of(
                dated(
                        "operation=\"date_spec\"",
                        "<date_spec id=\"s\" hours=\"9-16\" weekdays=\"1-5\" years=\"2026-\"/>"),
                dated("operation=\"gt\" start=\"2026-05-01\"", ""))) {
            Imported imported = imported("<rsc_location id=\"l\" rsc=\"a\">" + rule + "</rsc_location>");
            assertThat(verdict(imported, "rsc_location l rule r")).isEqualTo(Verdict.CHANGED);
            assertThat(finding(imported, "rsc_location l rule r").text())
                    .contains("are taken as UTC, where Pacemaker goes by the local time of its nodes");
            DateCondition dates = object(imported, "locations/l")
                    .getLocation()
                    .getRules(0)
                    .getMatches(0)
                    .getDuring();
            assertThat(dates)
                    .isIn(
                            DateWords.parse("hours=9-16;weekdays=1-5;years=2026-9999"),
                            DateWords.parse("after=2026-05-01T00:00:01Z"));
        }
    }

    @Test
    void datesAndNodesAreJoinedAsTheRuleSays() {
        String lifetime = "<date_expression id=\"e\" operation=\"lt\" end=\"2026-12-01 12:00:00Z\"/>";
        LocationRule both = rules("<rule id=\"r\" score=\"-INFINITY\" boolean-op=\"and\">"
                        + expression("#uname", "eq", "n1") + lifetime + "</rule>")
                .get(0);
        assertThat(both.getAny()).isFalse();
        assertThat(both.getMatches(0).getValue()).isEqualTo("n1");
        assertThat(both.getMatches(1).getDuring()).isEqualTo(DateWords.parse("before=2026-12-01T12:00:00Z"));
        LocationRule one = rules("<rule id=\"r\" score=\"5\" boolean-op=\"or\">" + expression("#uname", "eq", "n1")
                        + lifetime + "</rule>")
                .get(0);
        assertThat(one.getAny()).isTrue();
        assertThat(one.getMatchesCount()).isEqualTo(2);
    }

    /** A score that is added once where one of two things holds: the second way counts only while the first does not. */
    @Test
    void waysThatOverlapInTimeAddTheirScoreOnce() {
        List<LocationRule> ways = rules("<rule id=\"r\" score=\"5\" boolean-op=\"or\">"
                + "<rule id=\"x\">" + expression("rack", "eq", "A")
                + "<date_expression id=\"e\" operation=\"lt\" end=\"2026-12-01 12:00:00Z\"/></rule>"
                + "<rule id=\"y\">" + expression("weight", "eq", "30") + expression("ping", "gt", "5")
                + "</rule></rule>");
        assertThat(ways.stream().flatMap(rule -> rule.getMatchesList().stream()).filter(match -> match.hasOutside()))
                .hasSize(1);
    }

    @Test
    void datesThatNeverComeAreNotWritten() {
        Imported imported = imported("<rsc_location id=\"l\" rsc=\"a\">"
                + dated("operation=\"date_spec\"", "<date_spec id=\"s\" hours=\"25\"/>") + "</rsc_location>");
        assertThat(finding(imported, "rsc_location l rule r").text()).startsWith("it never holds");
        assertThat(constraints(imported)).isEmpty();
    }

    @Test
    void aTagIsEachOfItsResourcesAndADeviceHasNoPlace() {
        Imported imported = imported("<rsc_location id=\"l\" rsc=\"both\" node=\"n1\" score=\"5\"/>"
                + "<rsc_location id=\"f\" rsc=\"fence\" node=\"n1\" score=\"-INFINITY\"/>");
        assertThat(placement(imported, "a").getPreferMap()).containsEntry("n1", 5);
        assertThat(placement(imported, "b").getPreferMap()).containsEntry("n1", 5);
        assertThat(verdict(imported, "rsc_location f")).isEqualTo(Verdict.CHANGED);
    }

    @Test
    void exclusiveDiscoveryKeepsItFromAllOtherNodes() {
        Imported imported =
                imported("<rsc_location id=\"l\" rsc=\"a\" node=\"n1\" score=\"5\" resource-discovery=\"exclusive\"/>");
        LocationSpec only = object(imported, "locations/a-only").getLocation();
        assertThat(only.getRules(0).getScore()).isEqualTo(NEVER);
        assertThat(only.getRules(0).getMatches(0).getOperator()).isEqualTo(MatchOperator.MATCH_OPERATOR_NOT_EQUAL);
    }

    @Test
    void whereNothingRunsUnlessItIsSaidNothingIsSaidOfNoNode() {
        String asymmetric = "<nvpair id=\"s\" name=\"symmetric-cluster\" value=\"false\"/>";
        Imported imported = imported(
                asymmetric,
                "<rsc_location id=\"l\" rsc=\"a\" node=\"n1\" score=\"5\"/>"
                        + "<rsc_location id=\"k\" rsc=\"b\"><rule id=\"r\" score=\"5\">" + expression("rack", "eq", "A")
                        + "</rule></rsc_location>");
        assertThat(placement(imported, "a").getOnlyList()).containsExactly("n1");
        LocationSpec b = object(imported, "locations/b-only").getLocation();
        assertThat(b.getRules(0).getScore()).isEqualTo(NEVER);
        assertThat(b.getRules(0).getMatches(0).getOperator()).isEqualTo(MatchOperator.MATCH_OPERATOR_NOT_EQUAL);
        LocationSpec c = object(imported, "locations/c-only").getLocation();
        assertThat(c.getRules(0).getMatches(0).getOperator()).isEqualTo(MatchOperator.MATCH_OPERATOR_DEFINED);
    }

    @Test
    void aColocationKeepsScoreInfluenceAndPlace() {
        Imported imported = imported("""
                <rsc_colocation id="one" rsc="a" with-rsc="g2" score="-INFINITY"/>
                <rsc_colocation id="two" rsc="b" with-rsc="c" score="50" influence="false" node-attribute="rack"/>
                """);
        assertThat(object(imported, "colocations/one").getColocation())
                .isEqualTo(ColocationSpec.newBuilder()
                        .setResource("a")
                        .setWithResource("g2")
                        .setScore(NEVER)
                        .build());
        assertThat(object(imported, "colocations/two").getColocation())
                .isEqualTo(ColocationSpec.newBuilder()
                        .setResource("b")
                        .setWithResource("c")
                        .setScore(50)
                        .setNodeLabel("rack")
                        .setNoInfluence(true)
                        .build());
        assertThat(imported.losesProtection()).isFalse();
    }

    @Test
    void setsStaySetsWhereOursSayTheSame() {
        Imported imported = imported("""
                <rsc_colocation id="s" score="INFINITY">
                  <resource_set id="s1"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
                  <resource_set id="s2" sequential="false"><resource_ref id="c"/><resource_ref id="d"/></resource_set>
                </rsc_colocation>
                <rsc_order id="o" kind="Optional">
                  <resource_set id="o1" sequential="false" require-all="false">
                    <resource_ref id="a"/><resource_ref id="b"/></resource_set>
                  <resource_set id="o2" action="stop"><resource_ref id="c"/></resource_set>
                </rsc_order>
                """);
        assertThat(object(imported, "colocations/s").getColocation().getSetsList())
                .containsExactly(
                        ConstraintSet.newBuilder()
                                .addResources("a")
                                .addResources("b")
                                .build(),
                        ConstraintSet.newBuilder()
                                .addResources("c")
                                .addResources("d")
                                .setParallel(true)
                                .build());
        OrderSpec order = object(imported, "orders/o").getOrder();
        assertThat(order.getKind()).isEqualTo(OrderKind.ORDER_KIND_OPTIONAL);
        assertThat(order.getSets(0).getAny()).isTrue();
        assertThat(order.getSets(1).getAction()).isEqualTo(OrderAction.ORDER_ACTION_STOP);
        assertThat(verdict(imported, "rsc_colocation s set s1")).isEqualTo(Verdict.KEPT);
    }

    @Test
    void otherSetsAreTheirPairs() {
        Imported imported = imported("""
                <rsc_colocation id="s" score="INFINITY">
                  <resource_set id="s1" score="5"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
                  <resource_set id="s2"><resource_ref id="c"/></resource_set>
                </rsc_colocation>
                """);
        assertThat(constraints(imported)).containsExactly("colocations/s", "colocations/s-2");
        assertThat(object(imported, "colocations/s").getColocation().getScore()).isEqualTo(5);
        assertThat(object(imported, "colocations/s-2").getColocation().getWithResource())
                .isEqualTo("c");
        assertThat(verdict(imported, "rsc_colocation s")).isEqualTo(Verdict.CHANGED);
    }

    /** In ours every two of a set below zero are apart. */
    @Test
    void whatIsApartFromAnotherSetOnlyBecomesPairs() {
        Imported imported = imported("""
                <rsc_colocation id="s" score="-INFINITY">
                  <resource_set id="s1" sequential="false"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
                  <resource_set id="s2"><resource_ref id="c"/></resource_set>
                </rsc_colocation>
                """);
        assertThat(constraints(imported)).containsExactly("colocations/s", "colocations/s-2");
    }

    @Test
    void whatIsLeftOfASetIsWhatWasSaidOfIt() {
        Imported imported = imported("""
                <rsc_order id="o">
                  <resource_set id="o1"><resource_ref id="a"/><resource_ref id="cl"/><resource_ref id="b"/>
                    <resource_ref id="c"/></resource_set>
                </rsc_order>
                """);
        assertThat(constraints(imported)).containsExactly("orders/o");
        assertThat(object(imported, "orders/o").getOrder())
                .isEqualTo(OrderSpec.newBuilder().setFirst("b").setThen("c").build());
        assertThat(finding(imported, "rsc_order o").losesProtection()).isTrue();
    }

    @Test
    void anOrderKeepsKindActionsAndWhetherItGoesBack() {
        Imported imported = imported("""
                <rsc_order id="o" first="a" then="b" then-action="stop" symmetrical="false"/>
                <rsc_order id="p" first="c" then="both" kind="Serialize"/>
                <rsc_order id="q" first="g1" then="c" score="0"/>
                """);
        assertThat(object(imported, "orders/o").getOrder())
                .isEqualTo(OrderSpec.newBuilder()
                        .setFirst("a")
                        .setThen("b")
                        .setFirstAction(OrderAction.ORDER_ACTION_START)
                        .setThenAction(OrderAction.ORDER_ACTION_STOP)
                        .setAsymmetrical(true)
                        .build());
        OrderSpec serialize = object(imported, "orders/p").getOrder();
        assertThat(serialize.getKind()).isEqualTo(OrderKind.ORDER_KIND_SERIALIZE);
        assertThat(serialize.getSets(1).getParallel()).isTrue();
        assertThat(object(imported, "orders/q").getOrder().getKind()).isEqualTo(OrderKind.ORDER_KIND_OPTIONAL);
    }

    /** What must hold protects data; what is a wish does not, nor what is about things that are not there. */
    @Test
    void onlyWhatMustHoldForSomethingThatIsThereProtectsData() {
        String must = "<rsc_colocation id=\"x\" rsc=\"a\" with-rsc=\"inner\" score=\"INFINITY\"/>";
        assertThat(imported(must).losesProtection()).isTrue();
        assertThat(imported(must.replace("INFINITY", "10")).losesProtection()).isFalse();
        assertThat(imported(must.replace("\"a\"", "\"cl\"")).losesProtection()).isFalse();
        assertThat(imported(must.replace("inner", "nothing")).losesProtection()).isFalse();
        assertThat(imported("<rsc_order id=\"x\" first=\"cl\" then=\"a\"/>").losesProtection())
                .isTrue();
        assertThat(imported("<rsc_order id=\"x\" first=\"cl\" then=\"a\" kind=\"Optional\"/>")
                        .losesProtection())
                .isFalse();
        assertThat(imported("<rsc_order id=\"x\" first=\"a\" first-action=\"promote\" then=\"b\"/>")
                        .losesProtection())
                .isTrue();
    }

    @Test
    void aGroupIsTogetherAndInItsOwnOrder() {
        Imported imported = imported("""
                <rsc_colocation id="near" rsc="g2" with-rsc="g1" score="INFINITY"/>
                <rsc_order id="as" first="g1" then="g2"/>
                <rsc_colocation id="apart" rsc="g2" with-rsc="g1" score="-INFINITY"/>
                <rsc_order id="against" first="g2" then="g1"/>
                """);
        assertThat(verdict(imported, "rsc_colocation near")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(imported, "rsc_order as")).isEqualTo(Verdict.CHANGED);
        assertThat(finding(imported, "rsc_colocation apart").losesProtection()).isTrue();
        assertThat(finding(imported, "rsc_order against").losesProtection()).isTrue();
        assertThat(constraints(imported)).isEmpty();
    }

    @Test
    void aCircleLosesItsWeakestRuleAndTheLastOfEquals() {
        Imported imported = imported("""
                <rsc_colocation id="x" rsc="a" with-rsc="b" score="INFINITY"/>
                <rsc_colocation id="y" rsc="b" with-rsc="c" score="5"/>
                <rsc_colocation id="z" rsc="c" with-rsc="a" score="INFINITY"/>
                <rsc_order id="o" first="a" then="b"/>
                <rsc_order id="p" first="b" then="a"/>
                """);
        assertThat(constraints(imported)).containsExactly("colocations/x", "colocations/z", "orders/o");
        assertThat(finding(imported, "rsc_colocation y").verdict()).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "rsc_colocation y").text()).contains("circle", "b with c");
        assertThat(finding(imported, "rsc_order p").losesProtection()).isTrue();
    }

    @Test
    void whatIsInAContainerIsBesideAndAfterIt() {
        Imported imported = imported("<rsc_order id=\"o\" first=\"a\" then=\"b\"/>");
        assertThat(constraints(imported)).containsExactly("orders/o");
        String inside = "<cib><configuration><resources><primitive id=\"box\" class=\"systemd\" type=\"box\"/>"
                + "<primitive id=\"in\" class=\"systemd\" type=\"in\"><meta_attributes id=\"m\">"
                + "<nvpair id=\"m1\" name=\"container\" value=\"box\"/></meta_attributes></primitive></resources>"
                + "</configuration></cib>";
        try {
            Imported contained =
                    CibImport.read(new ByteArrayInputStream(inside.getBytes(StandardCharsets.UTF_8)), Instant.EPOCH);
            assertThat(constraints(contained)).containsExactly("colocations/in-in-box", "orders/in-in-box");
        } catch (CibException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void namesAreOursAndUnique() {
        String order = "<rsc_order id=\"ID\" first=\"a\" then=\"b\" kind=\"Optional\"/>";
        Imported imported = imported(Stream.of("_x y", "x:y", "x-y", "ä", "z".repeat(80), "z".repeat(90))
                .map(id -> order.replace("ID", id))
                .reduce("", String::concat));
        assertThat(constraints(imported))
                .containsExactly(
                        "orders/x-y",
                        "orders/x-y-2",
                        "orders/x-y-3",
                        "orders/rule",
                        "orders/" + "z".repeat(64),
                        "orders/" + "z".repeat(62) + "-2");
    }

    @Test
    void moreThanAnybodyCouldMeanIsTold() {
        StringBuilder many = new StringBuilder("<rsc_order id=\"o\"><resource_set id=\"s\" sequential=\"false\">");
        many.append("<resource_ref id=\"a\"/>".repeat(400)).append("</resource_set></rsc_order>");
        StringBuilder rule = new StringBuilder("<rsc_location id=\"l\" rsc=\"a\"><rule id=\"r\" score=\"5\">");
        for (int i = 0; i < 12; i++) {
            rule.append("<rule id=\"r").append(i).append("\" boolean-op=\"or\">");
            rule.append(expression("p" + i, "eq", "1"))
                    .append(expression("q" + i, "eq", "1"))
                    .append("</rule>");
        }
        Imported imported =
                imported(many + rule.append("</rule></rsc_location>").toString());
        assertThat(finding(imported, "rsc_order o").losesProtection()).isTrue();
        assertThat(verdict(imported, "rsc_location l rule r")).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(constraints(imported)).isEmpty();
    }

    /** With the ticket that is held in the status section as a hint: no file says that. */
    @Test
    void ticketsAreTakenOver() {
        Imported imported = imported("""
                <rsc_ticket id="t1" rsc="a" ticket="A"/>
                <rsc_ticket id="t2" rsc="g" ticket="A" loss-policy="fence"/>
                <rsc_ticket id="t3" rsc="b" ticket="B" loss-policy="demote"/>
                <rsc_ticket id="t4" ticket="B" loss-policy="freeze">
                  <resource_set id="s1"><resource_ref id="c"/><resource_ref id="d"/></resource_set>
                  <resource_set id="s2" role="Started"><resource_ref id="a"/></resource_set>
                </rsc_ticket>
                <rsc_ticket id="t5" rsc="a" rsc-role="Promoted" ticket="A"/>
                <rsc_ticket id="t6" rsc="nothing" ticket="A"/>
                <rsc_ticket id="t7" rsc="fence" ticket="A"/>
                <rsc_ticket id="t8" rsc="a" ticket="no name"/>
                """);
        assertThat(object(imported, "ticketConstraints/t1").getTicketConstraint())
                .isEqualTo(TicketConstraintSpec.newBuilder()
                        .setTicket("A")
                        .addResources("a")
                        .build());
        assertThat(finding(imported, "rsc_ticket t1").text()).isEqualTo("the ticket constraint t1");
        assertThat(object(imported, "ticketConstraints/t2")
                        .getTicketConstraint()
                        .getLossPolicy())
                .isEqualTo(LossPolicy.LOSS_POLICY_FENCE);
        assertThat(object(imported, "ticketConstraints/t3")
                        .getTicketConstraint()
                        .getLossPolicy())
                .isEqualTo(LossPolicy.LOSS_POLICY_STOP);
        assertThat(verdict(imported, "rsc_ticket t3")).isEqualTo(Verdict.CHANGED);
        assertThat(object(imported, "ticketConstraints/t4").getTicketConstraint())
                .isEqualTo(TicketConstraintSpec.newBuilder()
                        .setTicket("B")
                        .addResources("c")
                        .addResources("d")
                        .setLossPolicy(LossPolicy.LOSS_POLICY_FREEZE)
                        .build());
        assertThat(object(imported, "ticketConstraints/t4-2")
                        .getTicketConstraint()
                        .getResourcesList())
                .containsExactly("a");
        assertThat(finding(imported, "rsc_ticket t4").text()).isEqualTo("for each set a ticket constraint: t4, t4-2");
        for (String lost : List.of("t5", "t6", "t8")) {
            assertThat(verdict(imported, "rsc_ticket " + lost)).isEqualTo(Verdict.NOT_SUPPORTED);
        }
        assertThat(verdict(imported, "rsc_ticket t7")).isEqualTo(Verdict.CHANGED);
        assertThat(imported.manifests().stream().filter(Manifest::hasTicketConstraint))
                .hasSize(5);
    }

    @Test
    void aGrantedTicketIsToldSinceNoFileSaysIt() throws CibException {
        String cib = "<cib><configuration><crm_config/>" + NODES + RESOURCES
                + "<constraints><rsc_ticket id=\"t\" rsc=\"a\" ticket=\"A\"/></constraints></configuration>"
                + "<status><tickets><ticket_state id=\"A\" granted=\"true\" standby=\"false\"/></tickets></status></cib>";
        Imported imported = CibImport.read(
                new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)), Instant.parse("2026-11-21T00:00:00Z"));
        assertThat(finding(imported, "rsc_ticket t").text()).endsWith("quorate ticket grant A");
        assertThat(verdict(imported, "rsc_ticket t")).isEqualTo(Verdict.KEPT);
    }

    /** Every form of a constraint that there is: each element with an id of its own is in the verdicts. */
    @Test
    void everyConstraintHasAVerdict() {
        String forms = """
                <rsc_location id="loc-1" rsc="a" node="n1" score="1"/>
                <rsc_location id="loc-2" rsc-pattern="^g" node="n1" score="-INFINITY"/>
                <rsc_location id="loc-3" node="n1" score="2">
                  <resource_set id="loc-set"><resource_ref id="b"/><resource_ref id="cl"/></resource_set>
                </rsc_location>
                <rsc_location id="loc-4" rsc="inner" node="n1" score="1"/>
                <rsc_location id="loc-5" rsc="nothing" node="n1" score="1"/>
                <rsc_location id="loc-6" rsc="c">
                  <rule id="rule-1" score="1"><expression id="e1" attribute="rack" operation="eq" value="A"/></rule>
                  <rule id="rule-2" score="1" role="Promoted"><expression id="e2" attribute="x" operation="defined"/>
                  </rule>
                  <rule id="rule-3" score="1"><date_expression id="e3" operation="lt" end="2020-01-01"/></rule>
                  <rule id="rule-4" score="1"><expression id="e4" attribute="#kind" operation="eq" value="remote"/>
                  </rule>
                  <rule id="rule-5" score-attribute="weight"/>
                  <rule id="rule-6" score-attribute="ping"/>
                </rsc_location>
                <rsc_location id="loc-7" rsc="d"/>
                <rsc_location id="loc-8" rsc="fence" node="n1" score="1"/>
                <rsc_location id="loc-9" rsc="d" node="a b" score="1"/>
                <rsc_colocation id="col-1" rsc="a" with-rsc="b" score="10"/>
                <rsc_colocation id="col-2" rsc="a" rsc-role="Promoted" with-rsc="b"/>
                <rsc_colocation id="col-3" rsc="a" with-rsc="cl" with-rsc-role="Promoted"/>
                <rsc_colocation id="col-4" rsc="both" with-rsc="g" score="7"/>
                <rsc_colocation id="col-5" rsc="fence" with-rsc="g"/>
                <rsc_colocation id="col-6" rsc="a" with-rsc="c" score="0"/>
                <rsc_colocation id="col-7" rsc="a" with-rsc="c" node-attribute="#strange"/>
                <rsc_colocation id="col-8" score="5">
                  <resource_set id="col-set"><resource_ref id="c"/><resource_ref id="d"/></resource_set>
                </rsc_colocation>
                <rsc_colocation id="col-9"/>
                <rsc_order id="ord-1" first="a" then="b"/>
                <rsc_order id="ord-2" first="a" then="cl" then-action="promote"/>
                <rsc_order id="ord-3"><resource_set id="ord-set-1"><resource_ref id="c"/></resource_set>
                  <resource_set id="ord-set-2" require-all="false" sequential="true"><resource_ref id="a"/>
                    <resource_ref id="b"/></resource_set>
                  <resource_set id="ord-set-3"><resource_ref id="d"/></resource_set></rsc_order>
                <rsc_order id="ord-4"/>
                <rsc_order id="ord-5" first="nothing" then="a"/>
                <rsc_ticket id="tick-1" rsc="a" ticket="T" loss-policy="fence"/>
                <rsc_ticket id="tick-2" rsc="cl" ticket="T"/>
                <rsc_unheard_of id="new-1"/>
                """;
        Imported imported = imported(forms);
        String verdicts = String.join(
                "\n", imported.findings().stream().map(Finding::subject).toList());
        List<String> ids = Pattern.compile("<(?:rsc_\\w+|rule|resource_set) id=\"([^\"]+)\"")
                .matcher(forms)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(ids).hasSizeGreaterThan(30);
        for (String id : ids) {
            assertThat(verdicts).contains(id);
        }
    }
}
