package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DeleteObject;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.v1.Position;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchStateRequest;
import io.quorate.v1.WatchStateResponse;
import io.quorate.v1.WatchStateResponse.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * The contract of watches: one whole batch for each revision that matters, in order, none left out, none twice, resumed
 * on any server; too late means COMPACTED; and what a watcher has put together is what a snapshot says.
 */
class WatchContractTest {
    private static final Applier APPLIER = new Applier(RuleTable.standard());

    /** A watcher that takes messages only while it has room, and keeps what a client's cache would keep. */
    private static final class Watcher implements WatchStream.Sink {
        private final Map<String, StateChange> cache = new TreeMap<>();
        private final List<Position> changed = new ArrayList<>();
        private @Nullable Position position;
        private @Nullable Throwable failure;
        private boolean snapshotEnded;
        private int room;

        @Override
        public boolean isReady() {
            return room > 0;
        }

        @Override
        public void send(WatchStateResponse message) {
            assertThat(failure).isNull();
            room--;
            Position last = position;
            if (message.getKind() == Kind.KIND_SNAPSHOT) {
                assertThat(snapshotEnded).isFalse();
            } else if (message.getKind() == Kind.KIND_SNAPSHOT_END) {
                snapshotEnded = true;
            } else if (message.getKind() == Kind.KIND_CHANGES) {
                assertThat(message.getPosition().getRevision()).isGreaterThan(last == null ? 0 : last.getRevision());
                changed.add(message.getPosition());
            } else if (last != null) {
                assertThat(message.getPosition().getRevision()).isGreaterThanOrEqualTo(last.getRevision());
            }
            if (message.getKind() != Kind.KIND_SNAPSHOT) {
                position = message.getPosition();
            }
            message.getChangesList().forEach(change -> {
                if (change.getDeleted()) {
                    cache.remove(change.getObject());
                } else if (!change.hasEvent()) {
                    cache.put(change.getObject(), change);
                }
            });
        }

        @Override
        public void fail(Throwable why) {
            failure = why;
        }

        WatchStateRequest resume() {
            return resume(WatchStateRequest.getDefaultInstance());
        }

        WatchStateRequest resume(WatchStateRequest filter) {
            return position == null
                    ? filter
                    : filter.toBuilder().setAfter(position).build();
        }
    }

    private static WatchStream open(WatchHub hub, WatchStateRequest request, Watcher watcher) {
        return new WatchStream(
                hub, new WatchFilter(request, new Projections()), request, watcher, () -> "n1", Runnable::run);
    }

    private static Command init() {
        return Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_SYSTEM).setName("init"))
                .setInitCluster(InitCluster.newBuilder()
                        .setClusterId("c")
                        .setClusterName("c")
                        .setGeneration(1)
                        .addVoters(VoterRow.newBuilder().setId("n1-a").setName("n1")))
                .build();
    }

    private static Command random(Random random) {
        Command.Builder command = Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_USER).setName("u"));
        String name = "r" + random.nextInt(4);
        return (random.nextInt(4) == 0
                        ? command.setDeleteObject(DeleteObject.newBuilder().setObject("resources/" + name))
                        : command.setApplyObjects(ApplyObjects.newBuilder()
                                .addManifests(ApiServicesTest.process(name, "/bin/" + random.nextInt(3)))))
                .build();
    }

    /** Definitions whose labels come, change and go. */
    private static Command labelled(Random random) {
        Command.Builder command = random(random).toBuilder();
        if (command.hasApplyObjects() && random.nextInt(3) > 0) {
            command.getApplyObjectsBuilder()
                    .getManifestsBuilder(0)
                    .getMetaBuilder()
                    .putLabels("tier", random.nextBoolean() ? "front" : "back");
        }
        return command.build();
    }

    private static LogEntry entry(long millis, List<Command> commands) {
        return LogEntry.newBuilder()
                .setStamp(Stamp.newBuilder().setLogMillis(millis).setWallMillis(millis))
                .addAllCommands(commands)
                .build();
    }

    private static Map<String, StateChange> snapshot(ClusterState state) {
        return snapshot(state, WatchStateRequest.getDefaultInstance());
    }

    private static Map<String, StateChange> snapshot(ClusterState state, WatchStateRequest filter) {
        Map<String, StateChange> objects = new TreeMap<>();
        new WatchFilter(filter, new Projections())
                .snapshot(state, 100)
                .forEachRemaining(chunk -> chunk.forEach(change -> objects.put(change.getObject(), change)));
        return objects;
    }

    @Property(tries = 60)
    void aWatcherThatChangesServersMissesNothingAndSeesNothingTwice(@ForAll long seed) {
        Random random = new Random(seed);
        ClusterState state = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        WatchHub[] hubs = {new WatchHub(state, WatchHub.Limits.DEFAULT), new WatchHub(state, WatchHub.Limits.DEFAULT)};
        Watcher watcher = new Watcher();
        WatchStream stream = open(hubs[0], watcher.resume(), watcher);
        List<Position> committed = new ArrayList<>();
        for (int round = 2; round < 40; round++) {
            List<Command> commands = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                commands.add(random(random));
            }
            Applied applied = APPLIER.apply(state, entry(round, commands), 1);
            state = applied.state();
            applied.commits().stream().map(Commit::position).forEach(committed::add);
            for (WatchHub hub : hubs) {
                if (!applied.commits().isEmpty()) {
                    hub.applied(state, applied.commits());
                }
            }
            watcher.room = random.nextInt(4);
            stream.wake();
            if (random.nextInt(6) == 0 && watcher.snapshotEnded) {
                stream.close();
                stream = open(hubs[random.nextInt(2)], watcher.resume(), watcher);
            }
        }
        watcher.room = Integer.MAX_VALUE;
        stream.progress();
        assertThat(watcher.failure).isNull();
        assertThat(watcher.position).isEqualTo(state.position());
        assertThat(committed).containsAll(watcher.changed);
        assertThat(watcher.changed).doesNotHaveDuplicates();
        assertThat(watcher.cache).isEqualTo(snapshot(state));
    }

    @Property(tries = 60)
    void aWatcherWithASelectorHasWhatMatchesNow(
            @ForAll long seed, @ForAll("selectors") String selector, @ForAll boolean resumes) {
        Random random = new Random(seed);
        WatchStateRequest filter =
                WatchStateRequest.newBuilder().setLabelSelector(selector).build();
        ClusterState state = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        WatchHub hub = new WatchHub(state, WatchHub.Limits.DEFAULT);
        Watcher watcher = new Watcher();
        watcher.room = Integer.MAX_VALUE;
        WatchStream stream = open(hub, filter, watcher);
        stream.wake();
        for (int round = 2; round < 30; round++) {
            Applied applied = APPLIER.apply(state, entry(round, List.of(labelled(random))), 1);
            state = applied.state();
            if (!applied.commits().isEmpty()) {
                hub.applied(state, applied.commits());
            }
            stream.wake();
            if (resumes && round % 7 == 0) {
                stream.close();
                stream = open(hub, watcher.resume(filter), watcher);
                stream.wake();
            }
            assertThat(watcher.failure).isNull();
            assertThat(watcher.cache).isEqualTo(snapshot(state, filter));
        }
    }

    @Provide
    Arbitrary<String> selectors() {
        return Arbitraries.of("tier=front", "tier!=front", "tier", "!tier", "tier in (front, back)", "tier=none");
    }

    /** The {@code i}-th change of a service: another program. */
    private static Command change(String name, int i) {
        return Command.newBuilder()
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_USER).setName("u"))
                .setApplyObjects(ApplyObjects.newBuilder().addManifests(ApiServicesTest.process(name, "/bin/" + i)))
                .build();
    }

    /** Finished operations go when there are many: whoever watches one service is told, or would keep them for ever. */
    @Example
    void aWatcherByNameIsToldOfTheEndOfWhatIsAboutIt() {
        WatchStateRequest filter = WatchStateRequest.newBuilder().addNames("r0").build();
        ClusterState state = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        WatchHub hub = new WatchHub(state, WatchHub.Limits.DEFAULT);
        Watcher watcher = new Watcher();
        watcher.room = Integer.MAX_VALUE;
        WatchStream stream = open(hub, filter, watcher);
        for (int i = 0; i < 1_010; i++) {
            Applied applied = APPLIER.apply(state, entry(2 + i, List.of(change("r0", i))), 1);
            state = applied.state();
            hub.applied(state, applied.commits());
            stream.wake();
        }
        assertThat(watcher.failure).isNull();
        assertThat(watcher.cache).isEqualTo(snapshot(state, filter));
    }

    /** A read of the past is of one revision, also when its command shared an entry of the log with others. */
    @Property(tries = 100)
    void eachPositionHasItsOwnState(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int together) {
        Random random = new Random(seed);
        ClusterState state = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        WatchHub hub = new WatchHub(state, WatchHub.Limits.DEFAULT);
        List<ClusterState> states = new ArrayList<>(List.of(state.withoutLedger()));
        for (int index = 2; index < 6; index++) {
            List<Command> commands = new ArrayList<>();
            for (int i = 0; i < together; i++) {
                commands.add(labelled(random));
            }
            ClusterState before = state;
            for (int i = 1; i <= together; i++) {
                states.add(APPLIER.apply(before, entry(index, commands.subList(0, i)), 1)
                        .state()
                        .withoutLedger());
            }
            Applied applied = APPLIER.apply(before, entry(index, commands), 1);
            state = applied.state();
            hub.applied(state, applied.commits());
        }
        for (ClusterState past : states) {
            assertThat(hub.at(past.position())).hasValueSatisfying(found -> {
                assertThat(found.position()).isEqualTo(past.position());
                assertThat(found.digest()).isEqualTo(past.digest());
            });
        }
        assertThat(hub.at(Positions.of(1, state.revision() + 1))).isEmpty();
        assertThat(hub.at(Positions.of(2, 1))).isEmpty();
    }

    /** Readers share what was unpacked until the collector takes it: then it comes from the bytes. */
    @Property(tries = 100)
    void theWindowGivesBackWhatWasFiled(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int together) {
        Random random = new Random(seed);
        List<Command> commands = new ArrayList<>(List.of(init()));
        for (int i = 0; i < together; i++) {
            commands.add(labelled(random));
        }
        List<Commit> commits =
                APPLIER.apply(ClusterState.empty(), entry(1, commands), 1).commits();
        PackedCommits packed = new PackedCommits(commits);
        assertThat(packed.unpack()).isEqualTo(commits).isEqualTo(packed.commits());
        assertThat(packed.count()).isEqualTo(commits.size());
        assertThat(packed.first()).isEqualTo(commits.get(0).position().getRevision());
    }

    @Property(tries = 100)
    void aWatcherBehindTheWindowIsToldAndOneInsideIsServed(
            @ForAll @IntRange(min = 1, max = 5) int kept,
            @ForAll @IntRange(min = 0, max = 9) int behind,
            @ForAll @IntRange(min = 1, max = 4) int together) {
        ClusterState state = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        WatchHub hub = new WatchHub(state, new WatchHub.Limits(kept, Long.MAX_VALUE));
        for (int i = 0; i < 10; i += together) {
            List<Command> commands = IntStream.range(i, Math.min(10, i + together))
                    .mapToObj(number -> change("r", number))
                    .toList();
            Applied applied = APPLIER.apply(state, entry(2 + i, commands), 1);
            state = applied.state();
            hub.applied(state, applied.commits());
        }
        Watcher watcher = new Watcher();
        watcher.room = Integer.MAX_VALUE;
        Position after = io.quorate.statemachine.model.Positions.of(1, state.revision() - behind);
        open(hub, WatchStateRequest.newBuilder().setAfter(after).build(), watcher)
                .wake();
        if (behind > kept) {
            assertThat(watcher.failure).isInstanceOf(ApiException.class);
            assertThat(((ApiException) watcher.failure).reason()).isEqualTo("COMPACTED");
        } else {
            assertThat(watcher.failure).isNull();
            assertThat(watcher.changed).hasSize(behind);
        }
    }

    /** A replica that was brought forward by a snapshot has not seen every change: its watchers begin again. */
    @Example
    void whatASnapshotBroughtIsNotServedAsChanges() {
        ClusterState first = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        WatchHub hub = new WatchHub(first, WatchHub.Limits.DEFAULT);
        Applied seen = APPLIER.apply(first, entry(2, List.of(change("r", 1))), 1);
        hub.applied(seen.state(), seen.commits());
        Applied brought = APPLIER.apply(seen.state(), entry(3, List.of(change("r", 2))), 1);
        Applied next = APPLIER.apply(brought.state(), entry(4, List.of(change("r", 3))), 1);
        hub.applied(next.state(), next.commits());
        Watcher watcher = new Watcher();
        watcher.room = Integer.MAX_VALUE;
        open(hub, WatchStateRequest.newBuilder().setAfter(first.position()).build(), watcher)
                .wake();
        assertThat(watcher.failure).isInstanceOf(ApiException.class);
        assertThat(((ApiException) watcher.failure).reason()).isEqualTo("COMPACTED");
    }

    @Example
    void aWatcherThatHasSeenALaterGenerationIsNotServedAnEarlierOne() {
        ClusterState state = APPLIER.apply(ClusterState.empty(), entry(1, List.of(init())), 1)
                .state();
        Watcher watcher = new Watcher();
        watcher.room = 1;
        Position later = io.quorate.statemachine.model.Positions.of(2, 1);
        open(
                        new WatchHub(state, WatchHub.Limits.DEFAULT),
                        WatchStateRequest.newBuilder().setAfter(later).build(),
                        watcher)
                .wake();
        assertThat(((ApiException) watcher.failure).reason()).isEqualTo("HISTORY_WENT_BACK");
    }

    /** It goes on elsewhere: a server that has only just started has not gone back. */
    @Example
    void aServerThatHasNotReadItsLogYetIsNotReady() {
        WatchHub hub = new WatchHub(ClusterState.empty(), WatchHub.Limits.DEFAULT);
        WatchStateRequest resumed =
                WatchStateRequest.newBuilder().setAfter(Positions.of(1, 5)).build();
        for (WatchStateRequest request : List.of(resumed, WatchStateRequest.getDefaultInstance())) {
            Watcher watcher = new Watcher();
            watcher.room = 1;
            open(hub, request, watcher).wake();
            assertThat(watcher.failure).isInstanceOfSatisfying(ApiException.class, failure -> {
                assertThat(failure.reason()).isEqualTo("NOT_READY");
                assertThat(failure.status()).isEqualTo(io.grpc.Status.Code.UNAVAILABLE);
            });
        }
    }
}
