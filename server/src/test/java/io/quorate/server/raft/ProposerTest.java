package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.time.FakeClock;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.ClusterState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Group commit and read barrier over a log in which the test commits by hand. */
class ProposerTest {

    private static final long TERM = 7;

    private final HandLog log = new HandLog();
    private final FakeClock clock = new FakeClock();
    private final List<String> lastWords = new ArrayList<>();
    private final AtomicInteger ready = new AtomicInteger();
    private Proposer proposer;

    @BeforeEach
    void lead() {
        proposer = new Proposer(
                "n1-0000", log, log, clock, (words, cause) -> lastWords.add(words), () -> Optional.of("n2-1111"));
        proposer.start();
        MemberIdentity identity = new MemberIdentity(
                "n1-0000", "c".repeat(32), "test", 1, false, List.of(voter("n1"), voter("n2"), voter("n3")));
        proposer.lead(TERM, Optional.of(Membership.initCluster(identity)), ready::incrementAndGet);
        commit(log.next());
        CompletableFuture<CommandResult> registered = proposer.propose(Commands.registerNode());
        commit(log.next());
        assertThat(registered.join().getCode()).isZero();
    }

    @AfterEach
    void stop() {
        proposer.close();
        assertThat(lastWords).isEmpty();
    }

    private static VoterRow voter(String name) {
        return TestGroup.voter(name);
    }

    private void commit(HandLog.Submitted entry) {
        log.commit(entry, proposer, TERM);
    }

    /** The next entry, which waits for as many callers as there were: time goes on until nobody is waited for. */
    private HandLog.Submitted gathered() {
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            clock.advance(Duration.ofMillis(1));
            return log.count() > 0;
        });
        return log.next();
    }

    @Test
    void theTermOpensWithTheFirstCommandOfTheCluster() {
        assertThat(ready).hasValue(1);
        assertThat(log.newest().state().isInitialized()).isTrue();
    }

    @Test
    void commandsThatArriveWhileAnEntryIsInFlightTravelTogetherInTheNextOne() {
        CompletableFuture<CommandResult> first = proposer.propose(Commands.set("a", "1"));
        HandLog.Submitted inFlight = log.next();
        List<CompletableFuture<CommandResult>> later = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            later.add(proposer.propose(Commands.set("b" + number, "1")));
        }
        assertThat(log.count()).as("one entry in flight").isZero();
        commit(inFlight);
        assertThat(first).isCompleted();
        HandLog.Submitted next = gathered();
        assertThat(next.entry().getCommandsCount()).isEqualTo(20);
        commit(next);
        assertThat(later)
                .allSatisfy(result -> assertThat(result.join().getCode()).isZero());
        assertThat(later.stream()
                        .map(result -> result.join().getPosition().getRevision())
                        .distinct())
                .as("each has its own revision")
                .hasSize(20);
    }

    @Test
    void anEntryThatStaysInFlightIsFollowedByReminders() {
        CompletableFuture<CommandResult> result = proposer.propose(Commands.set("a", "1"));
        HandLog.Submitted inFlight = log.next();
        clock.advance(Proposer.FIRST_REMINDER);
        HandLog.Submitted first = log.next();
        clock.advance(Proposer.FIRST_REMINDER.multipliedBy(2));
        HandLog.Submitted second = log.next();
        assertThat(List.of(first, second)).allSatisfy(reminder -> {
            assertThat(reminder.entry().getCommandsCount()).isZero();
            assertThat(reminder.entry().getStamp().getLogMillis())
                    .isGreaterThan(inFlight.entry().getStamp().getLogMillis());
        });
        CompletableFuture<CommandResult> later = proposer.propose(Commands.set("b", "1"));
        assertThat(log.count()).as("one entry with commands in flight").isZero();
        commit(inFlight);
        assertThat(result.join().getCode()).isZero();
        // Reminders may be committed before and after what is proposed next.
        commit(first);
        HandLog.Submitted next = log.next();
        commit(second);
        commit(next);
        assertThat(later.join().getCode()).isZero();
    }

    /** On a disk that takes longer than that for every entry, each would have to wait for the reminders of the one before. */
    @Test
    void anEntryIsRemindedOfOnlyWhenItTakesTwiceAsLongAsTheOneBefore() {
        asked(proposer.propose(Commands.set("a", "1")));
        HandLog.Submitted slow = log.next();
        clock.advance(Duration.ofSeconds(3));
        commit(log.next());
        commit(slow);
        asked(proposer.propose(Commands.set("a", "2")));
        HandLog.Submitted next = log.next();
        clock.advance(Duration.ofMillis(5_900));
        Awaitility.await().during(Duration.ofMillis(400)).until(() -> log.count() == 0);
        clock.advance(Duration.ofMillis(100));
        assertThat(log.next().entry().getCommandsCount()).isZero();
        commit(next);
    }

    @Test
    void nobodyIsRemindedOfWhatWasCommitted() {
        asked(proposer.propose(Commands.set("a", "1")));
        commit(log.next());
        clock.advance(Proposer.FIRST_REMINDER.multipliedBy(4));
        asked(proposer.propose(Commands.set("a", "2")));
        assertThat(log.next().entry().getCommandsCount()).isEqualTo(1);
    }

    @Test
    void theLeaderDoesNotApplyTwiceWhatItTried() {
        int before = log.computed.get();
        asked(proposer.propose(Commands.set("a", "1")));
        commit(log.next());
        assertThat(log.computed.get() - before).isEqualTo(1);
        assertThat(log.reused.get()).isPositive();
    }

    /** Every replica halts on an unknown field in its log: what a newer client sends must not get there. */
    @Test
    void aCommandWithAFieldThatThisVersionDoesNotKnowIsRefusedAndNeverLogged() {
        Command set = Commands.set("a", "1");
        UnknownFieldSet later = UnknownFieldSet.newBuilder()
                .addField(4711, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        Command unknownInside = set.toBuilder()
                .setSetNodeAttribute(set.getSetNodeAttribute().toBuilder().setUnknownFields(later))
                .build();
        Command unknownKind =
                set.toBuilder().clearKind().setUnknownFields(later).build();
        for (Command command : List.of(unknownInside, unknownKind)) {
            CompletableFuture<CommandResult> result = proposer.propose(command);
            assertThat(result).isCompleted();
            assertThat(result.join().getCode()).isEqualTo(RejectCode.INVALID_ARGUMENT.number());
        }
        assertThat(log.count()).isZero();
    }

    @Test
    void aCommandThatCannotBeAppliedIsRefusedAloneAndNeverLogged() {
        asked(proposer.propose(Commands.set("a", "1")));
        HandLog.Submitted inFlight = log.next();
        CompletableFuture<CommandResult> good = proposer.propose(Commands.set("b", "1"));
        CompletableFuture<CommandResult> bad = proposer.propose(Commands.set(HandLog.BOOM, "1"));
        CompletableFuture<CommandResult> alsoGood = proposer.propose(Commands.set("c", "1"));
        commit(inFlight);
        HandLog.Submitted next = log.next();
        assertThat(next.entry().getCommandsCount()).isEqualTo(2);
        assertThat(bad.join().getCode()).isEqualTo(RejectCode.DEFECT.number());
        commit(next);
        assertThat(good.join().getCode()).isZero();
        assertThat(alsoGood.join().getCode()).isZero();
    }

    @Test
    void aCommandOfAnotherTermsLeaderIsDroppedBeforeTheLog() {
        Command old =
                Commands.set("a", "1").toBuilder().setFormedInTerm(TERM - 1).build();
        CommandResult result = proposer.propose(old).join();
        assertThat(result.getCode()).isEqualTo(RejectCode.WRONG_TERM.number());
        assertThat(log.count()).isZero();
    }

    @Test
    void readsShareOneEntryAndOnlyThoseThatArrivedBeforeItWasProposed() {
        CompletableFuture<ClusterState> first = proposer.barrier();
        HandLog.Submitted one = log.next();
        assertThat(one.entry().getCommandsCount()).isZero();
        List<CompletableFuture<ClusterState>> later = new ArrayList<>();
        for (int number = 0; number < 10; number++) {
            later.add(proposer.barrier());
        }
        commit(one);
        assertThat(first).isCompleted();
        assertThat(later).as("asked after the entry was proposed").noneMatch(CompletableFuture::isDone);
        commit(gathered());
        assertThat(later).allMatch(CompletableFuture::isDone);
        assertThat(log.count()).isZero();
    }

    @Test
    void aBatchOfCommandsIsABarrierToo() {
        asked(proposer.propose(Commands.set("a", "1")));
        HandLog.Submitted inFlight = log.next();
        asked(proposer.propose(Commands.set("a", "2")));
        CompletableFuture<ClusterState> read = proposer.barrier();
        commit(inFlight);
        commit(log.next());
        assertThat(Commands.get(read.join(), "a")).isEqualTo("2");
        assertThat(log.count()).isZero();
    }

    @Test
    void barriersRaiseNoRevision() {
        long before = log.newest().state().revision();
        asked(proposer.barrier());
        commit(log.next());
        assertThat(log.newest().state().revision()).isEqualTo(before);
    }

    @Test
    void whatIsInFlightWhenLeadershipEndsMayHaveBeenDoneAndWhatWaitsWasNot() {
        CompletableFuture<CommandResult> inFlight = proposer.propose(Commands.set("a", "1"));
        log.next();
        CompletableFuture<CommandResult> waiting = proposer.propose(Commands.set("a", "2"));
        CompletableFuture<ClusterState> read = proposer.barrier();
        proposer.endTerm(TERM);
        assertThat(failure(inFlight)).isInstanceOf(IndeterminateException.class);
        assertThat(failure(waiting)).isInstanceOf(UnavailableException.class);
        assertThat(failure(read)).isInstanceOf(UnavailableException.class);
        assertThat(failure(proposer.propose(Commands.set("a", "3"))))
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        e -> assertThat(e.leaderId()).contains("n2-1111"));
    }

    @Test
    void aLateEndOfAnEarlierTermDoesNotEndThisOne() {
        proposer.endTerm(TERM - 1);
        asked(proposer.propose(Commands.set("a", "1")));
        commit(log.next());
    }

    @Test
    void theCommandThatOpensATermIsRepeatedUntilItIsDecided() {
        AtomicInteger opened = new AtomicInteger();
        MemberIdentity identity = new MemberIdentity("n1-0000", "d".repeat(32), "test", 1, false, List.of(voter("n1")));
        proposer.lead(TERM + 1, Optional.of(Membership.initCluster(identity)), opened::incrementAndGet);
        log.next().outcome().complete(EntrySink.Outcome.UNKNOWN);
        passPausesUntil(() -> log.count() > 0);
        HandLog.Submitted again = log.next();
        assertThat(opened).hasValue(0);
        log.commit(again, proposer, TERM + 1);
        assertThat(opened).hasValue(1);
    }

    /** Returns how many pauses went by. */
    private int passPausesUntil(BooleanSupplier condition) {
        AtomicInteger pauses = new AtomicInteger();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            boolean met = condition.getAsBoolean();
            if (!met) {
                clock.advance(Proposer.OPENING_PAUSE);
                pauses.incrementAndGet();
            }
            return met;
        });
        return pauses.get();
    }

    @Test
    void theCommandThatOpensATermWaitsBeforeEachRepetitionAndEndsWithTheTerm() {
        log.refuses = true;
        MemberIdentity identity = new MemberIdentity("n1-0000", "d".repeat(32), "test", 1, false, List.of(voter("n1")));
        proposer.lead(TERM + 1, Optional.of(Membership.initCluster(identity)), ready::incrementAndGet);
        int pauses = passPausesUntil(() -> log.refused.get() >= 4);
        assertThat(log.refused).as("attempts in %d pauses", pauses).hasValueLessThanOrEqualTo(pauses + 1);
        proposer.endTerm(TERM + 1);
        log.refuses = false;
        clock.advance(Proposer.OPENING_PAUSE);
        proposer.lead(TERM + 2, Optional.empty(), ready::incrementAndGet);
        asked(proposer.propose(Commands.set("a", "1")));
        assertThat(log.next().entry().getCommands(0).hasSetNodeAttribute())
                .as("the next term's own command comes, and no repetition")
                .isTrue();
    }

    @Test
    void aDigestNamesTheStateThatItIsOf() {
        Replica.Snapshot newest = log.newest();
        proposer.markDigest();
        HandLog.Submitted entry = log.next();
        assertThat(entry.entry().getDigestCheck().getLogIndex()).isEqualTo(newest.logIndex());
        assertThat(entry.entry().getDigestCheck().getDigest()).isEqualTo(Digests.bytes(newest.state()));
        commit(entry);
        proposer.markDigest();
        assertThat(log.next().entry().getDigestCheck().getLogIndex())
                .as("of the same revision, at another place")
                .isEqualTo(newest.logIndex() + 1);
    }

    @Test
    void anEntryThatNeverEnteredTheLogWasDefinitelyNotDone() {
        CompletableFuture<CommandResult> refused = proposer.propose(Commands.set("a", "1"));
        log.next().outcome().complete(EntrySink.Outcome.NOT_LOGGED);
        assertThat(failure(refused)).isInstanceOf(UnavailableException.class);
        CompletableFuture<CommandResult> unknown = proposer.propose(Commands.set("a", "2"));
        log.next().outcome().complete(EntrySink.Outcome.UNKNOWN);
        assertThat(failure(unknown)).isInstanceOf(IndeterminateException.class);
    }

    @Test
    void theQueueIsBoundedByNumber() {
        asked(proposer.propose(Commands.set("a", "1")));
        log.next();
        for (int number = 0; number < ProposalQueue.MAX_QUEUED; number++) {
            assertThat(proposer.propose(Commands.set("a", "2"))).isNotDone();
        }
        assertThat(failure(proposer.propose(Commands.set("a", "3"))))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("queue")
                .hasMessageContaining("full");
    }

    @Test
    void aBatchClosesAtItsSizeAndAnOversizedCommandIsRefused() {
        asked(proposer.propose(Commands.set("a", "1")));
        HandLog.Submitted inFlight = log.next();
        String big = "x".repeat(600_000);
        asked(proposer.propose(Commands.set("b", big)));
        asked(proposer.propose(Commands.set("c", big)));
        commit(inFlight);
        assertThat(log.next().entry().getCommandsCount()).isEqualTo(1);
        CommandResult refused =
                proposer.propose(Commands.set("d", "x".repeat(9 << 20))).join();
        assertThat(refused.getCode()).isEqualTo(RejectCode.TOO_LARGE.number());
    }

    @Test
    void withoutAMajorityCallersAreAnsweredInBoundedTime() {
        CompletableFuture<CommandResult> inFlight = proposer.propose(Commands.set("a", "1"));
        log.next();
        CompletableFuture<CommandResult> waiting = proposer.propose(Commands.set("a", "2"));
        clock.advance(Proposer.QUEUE_TIMEOUT.plusMillis(1));
        assertThat(failure(waiting)).isInstanceOf(UnavailableException.class);
        assertThat(inFlight).isNotDone();
        clock.advance(Proposer.ENTRY_TIMEOUT);
        assertThat(failure(inFlight)).isInstanceOf(IndeterminateException.class);
    }

    @Test
    void logTimeGoesOnByTheLeadersClockAndNeverBack() {
        asked(proposer.barrier());
        HandLog.Submitted first = log.next();
        commit(first);
        clock.advance(Duration.ofSeconds(90));
        clock.setWallMillis(5);
        asked(proposer.barrier());
        HandLog.Submitted second = log.next();
        assertThat(second.entry().getStamp().getLogMillis()
                        - first.entry().getStamp().getLogMillis())
                .isEqualTo(90_000);
        assertThat(second.entry().getStamp().getWallMillis()).isEqualTo(5);
        commit(second);
    }

    @Test
    void everythingThatWaitsIsAnsweredAtTheEnd() {
        CompletableFuture<CommandResult> inFlight = proposer.propose(Commands.set("a", "1"));
        log.next();
        CompletableFuture<ClusterState> read = proposer.barrier();
        proposer.close();
        assertThat(failure(inFlight)).isInstanceOf(IndeterminateException.class);
        assertThat(failure(read)).isInstanceOf(UnavailableException.class);
    }

    /** A request whose answer the test does not look at. */
    private static void asked(CompletableFuture<?> answer) {
        assertThat(answer).isNotNull();
    }

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            Object result = future.get(10, TimeUnit.SECONDS);
            throw new AssertionError("succeeded with " + result);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
