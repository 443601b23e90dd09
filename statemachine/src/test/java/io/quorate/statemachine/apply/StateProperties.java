package io.quorate.statemachine.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.InstanceRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.snapshot.SnapshotException;
import io.quorate.statemachine.snapshot.SnapshotReader;
import io.quorate.statemachine.snapshot.SnapshotWriter;
import io.quorate.statemachine.snapshot.StateDigest;
import io.quorate.v1.FencingToken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds under arbitrary sequences of commands, valid or not. */
class StateProperties {
    private static final List<String> PROLOGUE = List.of(
            "init",
            "register n1",
            "joined n1",
            "register n2",
            "joined n2",
            "register n3",
            "joined n3",
            "apply device power n1 n2 n3; resource a; resource b process best-effort; resource c; resource d; group g c d",
            "apply resource pg; clone k of:pg promotable; resource ip; clone u of:ip max:2 unique",
            "apply resource m ocf live",
            "repeat 3 probe n{} m not-running",
            "assign m n1",
            "report m n1 running",
            "migrate m n2",
            "repeat 3 probe n{} k:0 not-running",
            "repeat 3 probe n{} k:1 not-running",
            "repeat 3 probe n{} k:promoted:0 not-running",
            "repeat 3 probe n{} u:0 not-running",
            "assign k:0 n1",
            "report k:0 n1 running");

    @Provide
    Arbitrary<List<String>> logs() {
        Arbitrary<String> node = Arbitraries.of("n1", "n2", "n3");
        Arbitrary<String> unit = Arbitraries.of(
                "a", "b", "g", "k:0", "k:1", "k:2", "k:promoted:0", "u:0", "m", "m", "m:arriving", "m:arriving");
        Arbitrary<String> other = Arbitraries.of(
                "time 700",
                "time 300000",
                "term 2",
                "pause",
                "resume",
                "begin s1 cold",
                "heard n1",
                "apply resource a stopped",
                "apply resource a",
                "apply resource a; resource c; resource d; group g c d",
                "apply group g d c",
                "apply group g c",
                "apply resource b process",
                "apply resource a prune=one",
                "delete resources/a",
                "delete groups/g",
                "delete fenceDevices/power",
                "apply clone k of:pg promotable max:1",
                "apply clone k of:pg promotable promoted:2",
                "apply resource pg other",
                "apply clone k of:g",
                "apply clone u of:ip max:3",
                "delete clones/k",
                "delete clones/u",
                "maintain k",
                "clear k maintenance",
                "disable k",
                "restart k",
                "restart u",
                "register n4",
                "forget n4",
                "force-quarantine n1 n2 n3",
                "join-token t",
                "use-token t",
                "level 2",
                "apply settings lease=1200 suspect_after=1000 renew_every=100",
                "apply needs a-t t a g",
                "apply needs k-t t k promoted loss:fence; needs b-s s b loss:freeze",
                "delete ticketConstraints/a-t",
                "grant t",
                "revoke t",
                "standby t",
                "activate t",
                "grant s",
                "revoke s",
                "standby u",
                "apply resource m ocf",
                "report m n1 sent",
                "report m n2 sent",
                "finish op-30",
                "cancel op-31");
        Arbitrary<String> onNode = Combinators.combine(
                        Arbitraries.of(
                                "register %s",
                                "register %s boot=b2",
                                "register %s boot=b3",
                                "register %s nonce=x",
                                "joined %s",
                                "lost %s",
                                "lost %s formed=1",
                                "fence %s",
                                "fence %s by=leader",
                                "fenced %s n2",
                                "fenced %s n3 on",
                                "fenced %s n1 answered",
                                "confirm %s",
                                "confirm %s incarnation=2",
                                "drain %s",
                                "undrain %s",
                                "forget %s",
                                "detach %s",
                                "leave %s",
                                "attribute %s k v",
                                "scores %s k=10",
                                "scores %s k=",
                                "assign k:promoted:0 %s copy=k:0",
                                "assign k:promoted:0 %s copy=k:1",
                                "register %s machine=other"),
                        node)
                .as((template, name) -> template.formatted(name));
        Arbitrary<String> onUnit = Combinators.combine(
                        Arbitraries.of(
                                "release %s",
                                "recover %s",
                                "disable %s",
                                "clear %s disabled",
                                "maintain %s",
                                "clear %s maintenance",
                                "restart %s",
                                "clear-failures %s",
                                "expire %s",
                                "expire %s waited=5"),
                        unit)
                .as((template, name) -> template.formatted(name));
        Arbitrary<String> onBoth = Combinators.combine(
                        Arbitraries.of(
                                "assign %s %s",
                                "assign %s %s",
                                "assign %s %s",
                                "migrate %s %s",
                                "report %s %s running",
                                "report %s %s released",
                                "report %s %s failed failures=2",
                                "report %s %s stop-failed",
                                "report %s %s running token=12",
                                "report %s %s released session=3",
                                "move %s %s",
                                "pin %s %s"),
                        unit,
                        node)
                .as((template, name, on) -> template.formatted(name, on));
        Arbitrary<String> probe = Combinators.combine(
                        unit, node, Arbitraries.of("not-running", "not-running", "running", "error"))
                .as((name, on, finding) -> "probe %s %s %s".formatted(on, name, finding));
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(3, onNode),
                        net.jqwik.api.Tuple.of(4, onBoth),
                        net.jqwik.api.Tuple.of(3, probe),
                        net.jqwik.api.Tuple.of(1, onUnit),
                        net.jqwik.api.Tuple.of(1, other))
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    /** I6: the same log gives the same state, byte for byte. */
    @Property(tries = 200)
    void sameLogGivesSameDigestAndSameSnapshot(@ForAll("logs") List<String> log) throws IOException {
        ClusterState one = run(new Script(RuleTable.standard()), log).state();
        ClusterState other = run(new Script(RuleTable.standard()), log).state();
        assertThat(StateDigest.of(one)).isEqualTo(StateDigest.of(other));
        assertThat(snapshot(one)).isEqualTo(snapshot(other));
    }

    /** I12: a snapshot at any point and the rest of the log give the state of the full replay. */
    @Property(tries = 200)
    void snapshotAtAnyPointAndTheRestIsTheFullReplay(@ForAll("logs") List<String> log, @ForAll int where)
            throws IOException, SnapshotException {
        int split = Math.floorMod(where, log.size());
        Script script = run(new Script(RuleTable.standard()), log.subList(0, split));
        ClusterState restored = SnapshotReader.read(new ByteArrayInputStream(snapshot(script.state())));
        assertThat(StateDigest.of(restored)).isEqualTo(StateDigest.of(script.state()));
        script.replaceState(restored);
        ClusterState resumed = finish(script, log.subList(split, log.size())).state();
        ClusterState full = run(new Script(RuleTable.standard()), log).state();
        assertThat(snapshot(resumed)).isEqualTo(snapshot(full));
    }

    /**
     * I1, I2, I3: one owner, tokens that only rise, and no change of owner without the instance being free between, or moved by
     * a migration that had arrived.
     */
    @Property(tries = 400)
    void oneOwnerAndRisingTokens(@ForAll("logs") List<String> log) {
        Script script = new Script(RuleTable.standard());
        PROLOGUE.forEach(script::run);
        Map<String, FencingToken> highest = new TreeMap<>();
        ClusterState before = script.state();
        for (String line : log) {
            script.run(line);
            for (InstanceRow after : script.state().instances().values()) {
                InstanceRow old = before.instance(after.getId());
                if (after.hasOwnership() && (old == null || !old.hasOwnership())) {
                    FencingToken token = after.getOwnership().getToken();
                    assertThat(Tokens.ORDER.compare(
                                    token, highest.getOrDefault(after.getId(), FencingToken.getDefaultInstance())))
                            .as(line)
                            .isPositive();
                    highest.put(after.getId(), token);
                }
                if (takenOver(before, after)) {
                    assertThat(Tokens.ORDER.compare(
                                    after.getOwnership().getToken(),
                                    Objects.requireNonNull(old).getHighestToken()))
                            .as(line)
                            .isPositive();
                    assertThat(script.state().instance(Migrations.arrivalId(after.getId())))
                            .as(line)
                            .isNull();
                } else if (after.hasOwnership() && old != null && old.hasOwnership()) {
                    assertThat(after.getOwnership().getNode())
                            .as(line)
                            .isEqualTo(old.getOwnership().getNode());
                    assertThat(after.getOwnership().getToken())
                            .as(line)
                            .isEqualTo(old.getOwnership().getToken());
                }
            }
            before = script.state();
        }
    }

    private static boolean takenOver(ClusterState before, InstanceRow after) {
        InstanceRow arrival = before.instance(Migrations.arrivalId(after.getId()));
        return arrival != null
                && arrival.getOwnership().getArrived()
                && Tokens.same(
                        arrival.getOwnership().getToken(), after.getOwnership().getToken());
    }

    @Provide
    Arbitrary<List<String>> regroupings() {
        Arbitrary<String> apply = Arbitraries.of(
                "apply group g c",
                "apply group g d c",
                "apply resource d; group g c d",
                "apply group g c d a",
                "apply group h d",
                "apply resource e; group h e",
                "apply resource d; resource e; group h d e",
                "apply resource a; resource d prune=one",
                "apply resource d set=one",
                "apply resource a prune=one",
                "delete groups/g",
                "apply clone x of:a max:2",
                "apply clone x of:g max:2",
                "apply resource e; clone y of:e max:2",
                "apply group g c d; clone x of:g max:2",
                "apply resource d; clone y of:d max:1",
                "apply clone x of:a max:1 prune=one",
                "apply clone x of:g max:2 set=one",
                "delete clones/x",
                "delete clones/y",
                "delete groups/h",
                "delete resources/a",
                "delete resources/d");
        Arbitrary<String> move = Combinators.combine(
                        Arbitraries.of("grant", "grant", "free"),
                        Arbitraries.of("a", "b", "c", "d", "e", "g", "h", "x:0", "x:1", "y:0"),
                        Arbitraries.of("n1", "n2", "n3"))
                .as((verb, unit, node) -> verb + " " + unit + " " + node);
        return Arbitraries.oneOf(apply, move).list().ofMinSize(1).ofMaxSize(60);
    }

    /** However units are regrouped, at most one owner runs a resource or may still do so, or the copies of one clone do. */
    @Property(tries = 300)
    void noResourceHasTwoOwners(@ForAll("regroupings") List<String> log) {
        Script script = new Script(RuleTable.standard());
        PROLOGUE.forEach(script::run);
        for (String line : log) {
            String[] words = line.split(" ", -1);
            InstanceRow instance = script.state().instance(words[1]);
            if (words[0].equals("grant")) {
                List.of("n1", "n2", "n3")
                        .forEach(node -> script.run("probe " + node + " " + words[1] + " not-running"));
                script.run("assign " + words[1] + " " + words[2]);
            } else if (words[0].equals("free") && instance != null && instance.hasOwnership()) {
                script.run("release " + words[1]);
                script.run("report " + words[1] + " " + instance.getOwnership().getNode() + " released");
            } else if (!words[0].equals("free")) {
                script.run(line);
            }
            Map<String, String> running = new TreeMap<>();
            for (InstanceRow owned : script.state().instances().values()) {
                if (owned.hasOwnership()) {
                    NavigableSet<String> names = new TreeSet<>();
                    owned.getMembersList().forEach(member -> names.add(member.getResource()));
                    Units.members(script.state(), Objects.requireNonNull(Units.of(script.state(), owned)))
                            .forEach(member -> names.add(member.getMeta().getName()));
                    names.forEach(name -> {
                        String other = running.put(name, owned.getUnit());
                        boolean several = owned.hasSlot() || Migrations.isArrival(owned);
                        assertThat(other == null || (several && other.equals(owned.getUnit())))
                                .as(line + ": " + name)
                                .isTrue();
                    });
                }
            }
        }
    }

    /** A refusal changes nothing but the ledger: the revision stays, and so does every table. */
    @Property(tries = 200)
    void aRefusalChangesNothing(@ForAll("logs") List<String> log) {
        Script script = new Script(RuleTable.standard());
        PROLOGUE.forEach(script::run);
        for (String line : log) {
            ClusterState before = script.state();
            if (script.run(line).startsWith("refused")) {
                assertThat(script.state().revision()).as(line).isEqualTo(before.revision());
                assertThat(script.state().instances()).as(line).isEqualTo(before.instances());
                assertThat(script.state().nodes()).as(line).isEqualTo(before.nodes());
                assertThat(script.state().objects()).as(line).isEqualTo(before.objects());
            }
        }
    }

    private static Script run(Script script, List<String> log) {
        PROLOGUE.forEach(script::run);
        return finish(script, log);
    }

    private static Script finish(Script script, List<String> log) {
        log.forEach(script::run);
        return script;
    }

    private static byte[] snapshot(ClusterState state) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotWriter.write(state, out, "test");
        return out.toByteArray();
    }
}
