package io.quorate.statemachine.cib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.quorate.statemachine.cib.Finding.Verdict;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.Promotable;
import io.quorate.v1.Role;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clones, cloned groups and promotable clones, and the constraints about them. */
class CloneImportTest {
    private static final int NEVER = -1_000_000;

    private static final String NODES = """
            <nodes>
              <node id="1" uname="n1"><instance_attributes id="n1a">
                <nvpair id="n1a1" name="rack" value="A"/>
              </instance_attributes></node>
              <node id="2" uname="n2"/>
            </nodes>
            """;

    private static final String RESOURCES = """
              <primitive id="a" class="systemd" type="a"/>
              <primitive id="b" class="systemd" type="b"/>
              <clone id="db-clone">
                <meta_attributes id="dm"><nvpair id="dm1" name="promotable" value="true"/></meta_attributes>
                <primitive id="db" class="ocf" provider="heartbeat" type="pgsql"/>
              </clone>
              <clone id="web-clone">
                <group id="web"><primitive id="w1" class="systemd" type="w1"/>
                  <primitive id="w2" class="systemd" type="w2"/></group>
              </clone>
            """;

    private static Imported imported(String resources, String constraints) {
        return imported("", resources, constraints);
    }

    private static Imported imported(String options, String resources, String constraints) {
        String cib = "<cib><configuration><crm_config><cluster_property_set id=\"o\">" + options
                + "</cluster_property_set></crm_config>" + NODES + "<resources>\n" + resources
                + "</resources><constraints>\n" + constraints + "</constraints></configuration></cib>";
        try {
            Imported imported = CibImport.read(
                    new ByteArrayInputStream(cib.getBytes(StandardCharsets.UTF_8)),
                    Instant.parse("2026-11-21T00:00:00Z"));
            assertThat(ManifestRules.checkTogether(imported.manifests())).isEmpty();
            return imported;
        } catch (CibException e) {
            throw new AssertionError(e);
        }
    }

    private static Imported ruled(String constraints) {
        return imported(RESOURCES, constraints);
    }

    private static Manifest object(Imported imported, String key) {
        return imported.manifests().stream()
                .filter(manifest -> Keys.of(manifest).equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError(key + " is not in " + keys(imported)));
    }

    private static List<String> keys(Imported imported) {
        return imported.manifests().stream().map(Keys::of).toList();
    }

    private static List<String> constraints(Imported imported) {
        return imported.manifests().stream()
                .filter(manifest -> manifest.hasLocation() || manifest.hasColocation() || manifest.hasOrder())
                .map(Keys::of)
                .toList();
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

    /** Pairs of name and value. */
    private static String meta(String id, String... pairs) {
        StringBuilder text = new StringBuilder("<meta_attributes id=\"" + id + "\">");
        for (int i = 0; i < pairs.length; i += 2) {
            text.append("<nvpair id=\"" + id + i + "\" name=\"" + pairs[i] + "\" value=\"" + pairs[i + 1] + "\"/>");
        }
        return text.append("</meta_attributes>").toString();
    }

    private static String clone(String metaOfClone, String metaInside) {
        return "<clone id=\"c\">" + metaOfClone + "<primitive id=\"x\" class=\"ocf\" provider=\"p\" type=\"t\">"
                + metaInside + "</primitive></clone>";
    }

    private static Imported cloned(String... pairs) {
        return imported(clone(meta("m", pairs), ""), "");
    }

    private static CloneSpec spec(Imported imported) {
        return object(imported, "clones/c").getClone();
    }

    @Test
    void aCloneAndWhatItCopiesKeepTheirNames() {
        Imported imported = ruled("");
        assertThat(keys(imported))
                .containsSubsequence("resources/db", "clones/db-clone")
                .containsSubsequence("resources/w1", "resources/w2", "groups/web", "clones/web-clone");
        CloneSpec db = object(imported, "clones/db-clone").getClone();
        assertThat(db)
                .isEqualTo(CloneSpec.newBuilder()
                        .setOf("db")
                        .setPromotable(Promotable.getDefaultInstance())
                        .setPlacement(Placement.newBuilder().setStickiness(1))
                        .build());
        assertThat(object(imported, "resources/db").getResource().hasPlacement())
                .isFalse();
        assertThat(object(imported, "groups/web").getGroup().getMembersList()).containsExactly("w1", "w2");
        assertThat(object(imported, "clones/web-clone")
                        .getClone()
                        .getPlacement()
                        .getStickiness())
                .isEqualTo(2);
        assertThat(verdict(imported, "clone db-clone")).isEqualTo(Verdict.KEPT);
        assertThat(verdict(imported, "group web")).isEqualTo(Verdict.KEPT);
    }

    @Test
    void whatItSaysOfItsCopiesIsKept() {
        Imported imported = cloned(
                "clone-max",
                "4",
                "clone-node-max",
                "2",
                "globally-unique",
                "true",
                "clone-min",
                "2",
                "interleave",
                "true",
                "ordered",
                "yes",
                "notify",
                "on",
                "promotable",
                "true",
                "promoted-max",
                "2",
                "promoted-node-max",
                "2",
                "priority",
                "7",
                "resource-stickiness",
                "50",
                "migration-threshold",
                "5",
                "failure-timeout",
                "30s",
                "requires",
                "fencing");
        CloneSpec spec = spec(imported);
        assertThat(spec.getMax()).isEqualTo(4);
        assertThat(spec.getMaxPerNode()).isEqualTo(2);
        assertThat(spec.getMin()).isEqualTo(2);
        assertThat(List.of(spec.getGloballyUnique(), spec.getInterleave(), spec.getOrdered(), spec.getNotify()))
                .containsOnly(true);
        assertThat(spec.getPromotable())
                .isEqualTo(Promotable.newBuilder().setMax(2).setMaxPerNode(2).build());
        assertThat(spec.getPriority()).isEqualTo(7);
        assertThat(spec.getPlacement().getStickiness()).isEqualTo(50);
        assertThat(spec.getFailure().getMoveAfter()).isEqualTo(5);
        assertThat(spec.getFailure().getForgetAfter().getSeconds()).isEqualTo(30);
        assertThat(imported.findings()).extracting(Finding::verdict).containsOnly(Verdict.KEPT);
        assertThat(imported.findings()).hasSizeGreaterThan(14);
    }

    @Test
    void aMasterAndItsOlderWordsArePromotable() {
        Imported imported = imported(
                "<master id=\"c\">" + meta("m", "master-max", "2", "master-node-max", "1", "clone-max", "3")
                        + "<primitive id=\"x\" class=\"ocf\" provider=\"p\" type=\"t\"/></master>",
                "");
        assertThat(spec(imported).getPromotable())
                .isEqualTo(Promotable.newBuilder().setMax(2).setMaxPerNode(1).build());
        assertThat(verdict(imported, "master c meta master-max")).isEqualTo(Verdict.KEPT);
    }

    @Test
    void theNewerOfTwoWordsCounts() {
        Imported imported = cloned("promotable", "true", "promoted-max", "1", "master-max", "0", "clone-max", "3");
        assertThat(spec(imported).getPromotable().getMax()).isEqualTo(1);
        assertThat(finding(imported, "clone c meta master-max").text()).contains("promoted-max counts");
        assertThat(constraints(imported)).isEmpty();
    }

    @Test
    void copiesThatAreAllTheSameAreOneOnEachNode() {
        Imported imported = cloned("clone-node-max", "3", "promotable", "true", "promoted-node-max", "2");
        assertThat(spec(imported).hasMaxPerNode()).isFalse();
        assertThat(finding(imported, "clone c meta clone-node-max").text()).startsWith("1, as in Pacemaker");
        assertThat(spec(imported).getPromotable().getMaxPerNode()).isEqualTo(1);
        assertThat(verdict(imported, "clone c meta promoted-node-max")).isEqualTo(Verdict.CHANGED);
    }

    @Test
    void moreThanThereCanBeIsTheMostThatThereCanBe() {
        Imported imported = cloned(
                "clone-max",
                "5000",
                "clone-min",
                "6000",
                "globally-unique",
                "true",
                "clone-node-max",
                "5000",
                "promotable",
                "true",
                "promoted-max",
                "7000",
                "promoted-node-max",
                "7000");
        assertThat(spec(imported).getMax()).isEqualTo(1_000);
        assertThat(spec(imported).getMin()).isEqualTo(1_000);
        assertThat(spec(imported).getMaxPerNode()).isEqualTo(100);
        assertThat(spec(imported).getPromotable())
                .isEqualTo(
                        Promotable.newBuilder().setMax(1_000).setMaxPerNode(100).build());
        for (String name : List.of("clone-max", "clone-min", "clone-node-max", "promoted-max", "promoted-node-max")) {
            assertThat(verdict(imported, "clone c meta " + name)).isEqualTo(Verdict.CHANGED);
        }
        Imported few = cloned("clone-max", "2", "clone-min", "3");
        assertThat(spec(few).getMin()).isEqualTo(2);
    }

    @Test
    void noCopiesIsStopped() {
        assertThat(spec(cloned("clone-max", "0")).getStopped()).isTrue();
        assertThat(spec(cloned("clone-node-max", "0", "globally-unique", "true"))
                        .getStopped())
                .isTrue();
        assertThat(verdict(cloned("clone-max", "0"), "clone c meta clone-max")).isEqualTo(Verdict.CHANGED);
    }

    @Test
    void whatIsInsideCountsWhereItSaysAnything() {
        Imported imported = imported(
                clone(
                        meta("m", "failure-timeout", "10s", "migration-threshold", "4", "priority", "3"),
                        meta(
                                "n",
                                "failure-timeout",
                                "20s",
                                "resource-stickiness",
                                "9",
                                "priority",
                                "5",
                                "interleave",
                                "true",
                                "target-role",
                                "Stopped")),
                "");
        CloneSpec spec = spec(imported);
        assertThat(spec.getFailure().getForgetAfter().getSeconds()).isEqualTo(20);
        assertThat(spec.getFailure().getMoveAfter()).isEqualTo(4);
        assertThat(spec.getPlacement().getStickiness()).isEqualTo(9);
        assertThat(spec.getPriority()).isEqualTo(3);
        assertThat(spec.getInterleave()).isFalse();
        assertThat(spec.getStopped()).isTrue();
        assertThat(verdict(imported, "clone c meta failure-timeout")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(imported, "primitive x meta failure-timeout")).isEqualTo(Verdict.KEPT);
        assertThat(verdict(imported, "primitive x meta priority")).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "primitive x meta interleave").text()).contains("clone counts");
    }

    @Test
    void stoppedAndUnmanagedAreWhatTheyAreForOthers() {
        assertThat(spec(cloned("target-role", "Stopped")).getStopped()).isTrue();
        assertThat(spec(cloned("target-role", "Started")).getStopped()).isFalse();
        assertThat(spec(imported("<nvpair id=\"s\" name=\"stop-all-resources\" value=\"true\"/>", clone("", ""), ""))
                        .getStopped())
                .isTrue();
        Imported unmanaged = cloned("is-managed", "false");
        assertThat(finding(unmanaged, "clone c meta is-managed").losesProtection())
                .isTrue();
        assertThat(verdict(cloned("no-such", "1"), "clone c meta no-such")).isEqualTo(Verdict.NOT_SUPPORTED);
    }

    /** One that is promoted against somebody's word is a database that two write to. */
    @Test
    void whatShallNotBePromotedIsPromotedNowhere() {
        LocationSpec nowhere = LocationSpec.newBuilder()
                .setResource("c")
                .setRole(Role.ROLE_PROMOTED)
                .addRules(LocationRule.newBuilder()
                        .setScore(NEVER)
                        .addMatches(NodeMatch.newBuilder()
                                .setAttribute("#uname")
                                .setOperator(MatchOperator.MATCH_OPERATOR_DEFINED)))
                .build();
        Imported unpromoted = cloned("promotable", "true", "target-role", "Unpromoted");
        Imported slave = imported(clone(meta("m", "promotable", "true"), meta("n", "target-role", "Slave")), "");
        Imported none = cloned("promotable", "true", "promoted-max", "0", "promoted-node-max", "0");
        for (Imported each : List.of(unpromoted, slave, none)) {
            assertThat(constraints(each)).containsExactly("locations/c-unpromoted");
            assertThat(object(each, "locations/c-unpromoted").getLocation()).isEqualTo(nowhere);
            assertThat(each.losesProtection()).isFalse();
        }
        assertThat(verdict(unpromoted, "clone c meta target-role")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(slave, "primitive x meta target-role")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(none, "clone c meta promoted-max")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(none, "clone c meta promoted-node-max")).isEqualTo(Verdict.CHANGED);
        assertThat(constraints(cloned("target-role", "Unpromoted"))).isEmpty();
        assertThat(verdict(cloned("promotable", "true", "target-role", "Master"), "clone c meta target-role"))
                .isEqualTo(Verdict.KEPT);
    }

    @Test
    void operationsOfRolesAreKept() {
        String operations =
                "<operations><op id=\"o1\" name=\"promote\" interval=\"0\" timeout=\"90s\" on-fail=\"demote\"/>"
                        + "<op id=\"o2\" name=\"demote\" interval=\"0\" timeout=\"91s\"/>"
                        + "<op id=\"o3\" name=\"notify\" interval=\"0\" timeout=\"92s\"/>"
                        + "<op id=\"o4\" name=\"monitor\" interval=\"10s\" role=\"Master\" on-fail=\"demote\"/>"
                        + "<op id=\"o5\" name=\"monitor\" interval=\"11s\" role=\"Slave\" on-fail=\"demote\"/>"
                        + "<op id=\"o6\" name=\"monitor\" interval=\"12s\"/>"
                        + "<op id=\"o7\" name=\"monitor\" interval=\"13s\" role=\"Promoted\"/></operations>";
        Imported imported = imported(clone(meta("m", "promotable", "true"), operations), "");
        List<Operation> kept = object(imported, "resources/x").getResource().getOperationsList();
        assertThat(kept)
                .extracting(each -> each.getName() + " " + each.getRole() + " "
                        + each.getInterval().getSeconds() + " "
                        + each.getTimeout().getSeconds() + " " + each.getOnFail())
                .containsExactlyInAnyOrder(
                        "promote ROLE_UNSPECIFIED 0 90 ON_FAIL_DEMOTE",
                        "demote ROLE_UNSPECIFIED 0 91 ON_FAIL_UNSPECIFIED",
                        "notify ROLE_UNSPECIFIED 0 92 ON_FAIL_UNSPECIFIED",
                        "monitor ROLE_PROMOTED 10 0 ON_FAIL_DEMOTE",
                        "monitor ROLE_UNPROMOTED 11 0 ON_FAIL_UNSPECIFIED",
                        "monitor ROLE_UNSPECIFIED 12 0 ON_FAIL_UNSPECIFIED");
        assertThat(verdict(imported, "primitive x operation monitor every 11000 ms on-fail"))
                .isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(verdict(imported, "primitive x operation monitor every 13000 ms"))
                .isEqualTo(Verdict.CHANGED);

        Imported anonymous = imported(clone("", operations), "");
        assertThat(object(anonymous, "resources/x").getResource().getOperationsList())
                .extracting(Operation::getName, Operation::getOnFail)
                .containsExactlyInAnyOrder(
                        tuple("notify", OnFail.ON_FAIL_UNSPECIFIED), tuple("monitor", OnFail.ON_FAIL_UNSPECIFIED));
        assertThat(verdict(anonymous, "primitive x operation promote")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(anonymous, "primitive x operation monitor every 10000 ms"))
                .isEqualTo(Verdict.CHANGED);
    }

    @Test
    void whatOursCannotCopyIsLeftOutAsAWhole() {
        String group = "<group id=\"g\"><primitive id=\"x\" class=\"ocf\" provider=\"p\" type=\"t\"/></group>";
        String promotable = meta("m", "promotable", "true");
        for (String inside : List.of(
                promotable + group,
                promotable + "<primitive id=\"x\" class=\"systemd\" type=\"t\"/>",
                "<primitive id=\"x\" class=\"lsb\" type=\"t\"/>",
                group.replace("ocf", "lsb"))) {
            Imported imported = imported("<clone id=\"c\">" + inside + "</clone>", "");
            assertThat(imported.manifests()).extracting(Manifest::getSpecCase).containsOnly(Manifest.SpecCase.NODE);
            assertThat(verdict(imported, "clone c")).isEqualTo(Verdict.NOT_SUPPORTED);
            assertThat(verdict(imported, "primitive x")).isEqualTo(Verdict.NOT_SUPPORTED);
        }
        assertThat(finding(imported("<clone id=\"c\">" + promotable + group + "</clone>", ""), "clone c")
                        .text())
                .contains("a group cannot be promoted");
        assertThat(verdict(imported("<clone id=\"c\"/>", ""), "clone c")).isEqualTo(Verdict.NOT_SUPPORTED);
        Imported ruled = imported(
                "<primitive id=\"a\" class=\"systemd\" type=\"a\"/><clone id=\"c\">" + promotable + group + "</clone>",
                "<rsc_colocation id=\"r\" rsc=\"a\" with-rsc=\"x\"/>");
        assertThat(finding(ruled, "rsc_colocation r").losesProtection()).isTrue();
        assertThat(finding(ruled, "rsc_colocation r").text()).contains("x was left out");
    }

    @Test
    void whatAClusterWouldRefuseTakesAllOfItsCloneWithIt() {
        String name = "x".repeat(70);
        for (String resources : List.of(
                clone("", "").replace("id=\"c\"", "id=\"" + name + "\""),
                clone("", "").replace("id=\"x\"", "id=\"" + name + "\""),
                RESOURCES.substring(RESOURCES.indexOf("<clone id=\"web")).replace("id=\"w2\"", "id=\"" + name + "\""),
                "<group id=\"" + name + "\"><primitive id=\"x\" class=\"systemd\" type=\"t\"/></group>")) {
            Imported imported = imported(resources, "");
            assertThat(imported.manifests()).extracting(Manifest::getSpecCase).containsOnly(Manifest.SpecCase.NODE);
            assertThat(imported.findings()).anyMatch(each -> each.text().contains("would be refused"));
        }
    }

    @Test
    void copiesOfFenceDevicesAreTheirDevices() {
        Imported imported = imported(
                "<clone id=\"fencing\"><primitive id=\"f\" class=\"stonith\" type=\"fence_apc\"/></clone>",
                "<rsc_location id=\"l\" rsc=\"fencing\" node=\"n1\" score=\"-INFINITY\"/>");
        assertThat(keys(imported)).contains("fenceDevices/f");
        assertThat(verdict(imported, "clone fencing")).isEqualTo(Verdict.CHANGED);
        assertThat(verdict(imported, "rsc_location l")).isEqualTo(Verdict.CHANGED);
    }

    @Test
    void whatIsSaidOfTheInsideIsSaidOfTheClone() {
        Imported imported = ruled("""
                <rsc_location id="l1" rsc="db" node="n1" score="100"/>
                <rsc_location id="l2" rsc="w2" node="n2" score="-INFINITY"/>
                <rsc_location id="l3" rsc-pattern="^w" node="n1" score="7"/>
                <rsc_colocation id="c" rsc="a" with-rsc="db" score="INFINITY"/>
                <rsc_order id="o" first="web" then="b"/>
                """);
        assertThat(object(imported, "clones/db-clone").getClone().getPlacement().getPreferMap())
                .containsEntry("n1", 100);
        Placement web = object(imported, "clones/web-clone").getClone().getPlacement();
        assertThat(web.getAvoidList()).containsExactly("n2");
        assertThat(web.getPreferMap()).containsExactlyEntriesOf(Collections.singletonMap("n1", 7));
        assertThat(object(imported, "colocations/c").getColocation())
                .isEqualTo(ColocationSpec.newBuilder()
                        .setResource("a")
                        .setWithResource("db-clone")
                        .setScore(1_000_000)
                        .build());
        assertThat(object(imported, "orders/o").getOrder())
                .isEqualTo(OrderSpec.newBuilder()
                        .setFirst("web-clone")
                        .setThen("b")
                        .build());
        assertThat(imported.findings())
                .filteredOn(each -> each.subject().startsWith("rsc_"))
                .extracting(Finding::verdict)
                .containsOnly(Verdict.KEPT);
    }

    @Test
    void rolesOfPromotableClonesAreKept() {
        Imported imported = ruled("""
                <rsc_colocation id="c1" rsc="a" with-rsc="db-clone" with-rsc-role="Master" score="INFINITY"/>
                <rsc_colocation id="c2" rsc="db" rsc-role="Promoted" with-rsc="web" score="5"/>
                <rsc_colocation id="c3" rsc="b" with-rsc="db-clone" with-rsc-role="Slave" score="-7"/>
                <rsc_colocation id="c4" rsc="a" rsc-role="Started" with-rsc="db-clone" with-rsc-role="Started"/>
                <rsc_colocation id="c5" score="INFINITY">
                  <resource_set id="s1"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
                  <resource_set id="s2" role="Promoted"><resource_ref id="db-clone"/></resource_set>
                </rsc_colocation>
                <rsc_order id="o1" first="db-clone" first-action="promote" then="a" then-action="start"/>
                <rsc_order id="o2" first="db-clone" first-action="demote" then="web-clone" then-action="stop"/>
                <rsc_order id="o3"><resource_set id="t1" action="promote"><resource_ref id="db"/></resource_set>
                  <resource_set id="t2" sequential="false"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
                </rsc_order>
                """);
        assertThat(object(imported, "colocations/c1").getColocation().getWithRole())
                .isEqualTo(Role.ROLE_PROMOTED);
        assertThat(object(imported, "colocations/c2").getColocation())
                .isEqualTo(ColocationSpec.newBuilder()
                        .setResource("db-clone")
                        .setRole(Role.ROLE_PROMOTED)
                        .setWithResource("web-clone")
                        .setScore(5)
                        .build());
        assertThat(object(imported, "colocations/c4").getColocation().getWithRoleValue())
                .isZero();
        assertThat(object(imported, "colocations/c5").getColocation().getSetsList())
                .containsExactly(
                        ConstraintSet.newBuilder()
                                .addResources("a")
                                .addResources("b")
                                .build(),
                        ConstraintSet.newBuilder()
                                .addResources("db-clone")
                                .setRole(Role.ROLE_PROMOTED)
                                .build());
        assertThat(object(imported, "orders/o1").getOrder())
                .isEqualTo(OrderSpec.newBuilder()
                        .setFirst("db-clone")
                        .setFirstAction(OrderAction.ORDER_ACTION_PROMOTE)
                        .setThen("a")
                        .setThenAction(OrderAction.ORDER_ACTION_START)
                        .build());
        assertThat(object(imported, "orders/o2").getOrder().getFirstAction())
                .isEqualTo(OrderAction.ORDER_ACTION_DEMOTE);
        assertThat(object(imported, "orders/o3").getOrder().getSets(0))
                .isEqualTo(ConstraintSet.newBuilder()
                        .addResources("db-clone")
                        .setAction(OrderAction.ORDER_ACTION_PROMOTE)
                        .build());
        assertThat(imported.losesProtection()).isFalse();
    }

    @Test
    void placesOfThePromotedCopyAreLocationsOfThatRole() {
        Imported imported = ruled("""
                <rsc_location id="l1" rsc="db-clone" role="Promoted" node="n1" score="100"/>
                <rsc_location id="l2" rsc="db-clone">
                  <rule id="r1" role="Master" score="-INFINITY"><expression id="e1" attribute="rack" operation="ne"
                    value="A"/></rule>
                  <rule id="r2" score="3"><expression id="e2" attribute="#uname" operation="eq" value="n2"/></rule>
                </rsc_location>
                <rsc_location id="l3" rsc="db" role="Slave" node="n1" score="1"/>
                <rsc_location id="l4" rsc="web-clone" role="Promoted" node="n1" score="1"/>
                """);
        assertThat(object(imported, "locations/l1").getLocation())
                .isEqualTo(LocationSpec.newBuilder()
                        .setResource("db-clone")
                        .setRole(Role.ROLE_PROMOTED)
                        .putNodes("n1", 100)
                        .build());
        LocationSpec ban = object(imported, "locations/l2").getLocation();
        assertThat(ban.getRole()).isEqualTo(Role.ROLE_PROMOTED);
        assertThat(ban.getRules(0).getScore()).isEqualTo(NEVER);
        Placement placement = object(imported, "clones/db-clone").getClone().getPlacement();
        assertThat(placement.getPreferMap()).containsOnlyKeys("n2");
        assertThat(placement.getOnlyLabelsMap()).isEmpty();
        assertThat(verdict(imported, "rsc_location l3")).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "rsc_location l4").text()).contains("is not promotable");
    }

    @Test
    void aRoleThatItCannotHaveIsTold() {
        Imported imported = ruled("""
                <rsc_colocation id="c1" rsc="a" with-rsc="web-clone" with-rsc-role="Promoted" score="INFINITY"/>
                <rsc_colocation id="c2" rsc="a" with-rsc="db-clone" with-rsc-role="Stopped" score="10"/>
                <rsc_order id="o1" first="web-clone" first-action="promote" then="a" then-action="start"/>
                """);
        assertThat(finding(imported, "rsc_colocation c1").losesProtection()).isTrue();
        assertThat(finding(imported, "rsc_colocation c1").text()).contains("web-clone is not promotable");
        assertThat(verdict(imported, "rsc_colocation c2")).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "rsc_order o1").losesProtection()).isTrue();
        assertThat(constraints(imported)).isEmpty();
    }

    @Test
    void insideOneCloneNothingIsRelated() {
        Imported imported = ruled("""
                <rsc_colocation id="near" rsc="w2" with-rsc="w1" score="INFINITY"/>
                <rsc_colocation id="apart" rsc="w2" with-rsc="web-clone" score="-INFINITY"/>
                <rsc_colocation id="roles" rsc="db" rsc-role="Promoted" with-rsc="db-clone" score="INFINITY"/>
                <rsc_order id="order" first="w1" then="w2"/>
                """);
        assertThat(verdict(imported, "rsc_colocation near")).isEqualTo(Verdict.CHANGED);
        assertThat(finding(imported, "rsc_colocation apart").losesProtection()).isTrue();
        assertThat(finding(imported, "rsc_colocation roles").losesProtection()).isTrue();
        assertThat(verdict(imported, "rsc_order order")).isEqualTo(Verdict.CHANGED);
        assertThat(constraints(imported)).isEmpty();
    }

    @Test
    void oneCopyIsEnoughWhereNotAllAreAskedFor() {
        Imported imported = ruled("""
                <rsc_order id="o1" first="web-clone" then="a" require-all="false"/>
                <rsc_order id="o2"><resource_set id="t1" require-all="false"><resource_ref id="db-clone"/></resource_set>
                  <resource_set id="t2"><resource_ref id="b"/></resource_set></rsc_order>
                <rsc_order id="o3" first="a" then="b" require-all="false"/>
                """);
        assertThat(object(imported, "orders/o1").getOrder().getSetsList())
                .containsExactly(
                        ConstraintSet.newBuilder()
                                .addResources("web-clone")
                                .setParallel(true)
                                .setAny(true)
                                .build(),
                        ConstraintSet.newBuilder().addResources("a").build());
        assertThat(object(imported, "orders/o2").getOrder().getSets(0).getAny()).isTrue();
        assertThat(object(imported, "orders/o3").getOrder().getSetsCount()).isZero();
    }

    @Test
    void whereNothingRunsUnlessItIsSaidAPromotionAllowsNothing() {
        String asymmetric = "<nvpair id=\"s\" name=\"symmetric-cluster\" value=\"false\"/>";
        Imported imported = imported(asymmetric, RESOURCES, """
                <rsc_location id="l1" rsc="db" node="n1" score="0"/>
                <rsc_location id="l2" rsc="db-clone" role="Promoted" node="n2" score="5"/>
                <rsc_location id="l3" rsc="web-clone" node="n2" score="5"/>
                """);
        assertThat(object(imported, "clones/db-clone").getClone().getPlacement().getOnlyList())
                .containsExactly("n1");
        assertThat(object(imported, "clones/web-clone")
                        .getClone()
                        .getPlacement()
                        .getOnlyList())
                .containsExactly("n2");
    }

    @Test
    void bundlesStayOut() {
        Imported imported = imported(
                "<bundle id=\"u\"><podman image=\"i\"/><primitive id=\"x\" class=\"ocf\" provider=\"p\" type=\"t\"/></bundle>",
                "<rsc_location id=\"l\" rsc=\"x\" node=\"n1\" score=\"1\"/>");
        assertThat(verdict(imported, "bundle u")).isEqualTo(Verdict.NOT_SUPPORTED);
        assertThat(finding(imported, "rsc_location l").text()).contains("left out");
    }

    @Test
    void whatOnlyClonesReadIsNothingElsewhere() {
        Imported imported = imported(
                "<primitive id=\"x\" class=\"systemd\" type=\"t\">"
                        + meta("m", "interleave", "true", "target-role", "Master") + "</primitive>",
                "");
        assertThat(verdict(imported, "primitive x meta interleave")).isEqualTo(Verdict.KEPT);
        assertThat(verdict(imported, "primitive x meta target-role")).isEqualTo(Verdict.CHANGED);
    }
}
