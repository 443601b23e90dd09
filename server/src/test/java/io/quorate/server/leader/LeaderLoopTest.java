package io.quorate.server.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.raft.UnavailableException;
import io.quorate.server.time.FakeClock;
import io.quorate.statemachine.policy.DefaultPolicy;
import io.quorate.v1.FencePathResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of the loop when something in it fails, and of questions when there are too many. */
class LeaderLoopTest {

    @Test
    void anErrorEndsTheProcessInsteadOfALeaderThatDecidesNothing() throws InterruptedException {
        FakeClock clock = new FakeClock();
        BlockingQueue<String> lastWords = new LinkedBlockingQueue<>();
        LeaderLoop loop = new LeaderLoop(
                new FakeRaft.Group(clock).member("n1"),
                clock,
                new DefaultPolicy(),
                Runnable::run,
                (words, cause) -> lastWords.add(words));
        loop.start();
        loop.inTerm("boom", term -> {}, why -> {
            throw new StackOverflowError("a bug");
        });
        assertThat(lastWords.poll(10, TimeUnit.SECONDS)).contains("loop failed");
        loop.close();
    }

    @Test
    void aTermThatIsBuiltAnewRepeatsNoRequestId() {
        World world = new World();
        TermContext first = context(world, 1);
        TermContext second = context(world, 2);
        assertThat(first.distinct(1)).isNotEqualTo(second.distinct(1)).isNotEqualTo(first.distinct(2));
    }

    /** An agent's call when the cluster has just started, or its leader has just died. */
    @Test
    void aCallWaitsUntilSomebodyLeads() {
        FakeClock clock = new FakeClock();
        FakeRaft.Group group = new FakeRaft.Group(clock);
        List<String> ran = new ArrayList<>();
        FakeRaft first = group.member("n1");
        FakeRaft second = group.member("n2");
        LeaderLoop leader = quiet(first, clock);
        LeaderLoop follower = quiet(second, clock);
        leader.onceLed("register", () -> ran.add("at the leader"), why -> ran.add("refused"));
        follower.onceLed("register", () -> ran.add("at the follower"), why -> ran.add("refused"));
        leader.runUntilIdle();
        follower.runUntilIdle();
        assertThat(ran).isEmpty();
        group.elect(first);
        leader.runUntilIdle();
        assertThat(ran).containsExactly("at the leader");
        follower.runUntilIdle();
        assertThat(ran).containsExactly("at the leader", "at the follower");
        leader.onceLed("register", () -> ran.add("later"), why -> ran.add("refused"));
        leader.runUntilIdle();
        clock.advance(Duration.ofSeconds(10));
        leader.runUntilIdle();
        follower.runUntilIdle();
        assertThat(ran).containsExactly("at the leader", "at the follower", "later");
    }

    @Test
    void aCallIsAnsweredInTimeWhenNobodyLeads() {
        FakeClock clock = new FakeClock();
        List<String> ran = new ArrayList<>();
        LeaderLoop loop = quiet(new FakeRaft.Group(clock).member("n1"), clock);
        loop.onceLed("register", () -> ran.add("answered"), why -> ran.add("refused"));
        loop.runUntilIdle();
        clock.advance(Duration.ofMillis(1_999));
        loop.runUntilIdle();
        assertThat(ran).isEmpty();
        clock.advance(Duration.ofMillis(1));
        loop.runUntilIdle();
        assertThat(ran).containsExactly("answered");
    }

    private static LeaderLoop quiet(FakeRaft raft, FakeClock clock) {
        LeaderLoop loop = new LeaderLoop(raft, clock, new DefaultPolicy(), Runnable::run, (words, cause) -> {
            throw new AssertionError(words, cause);
        });
        loop.attach();
        return loop;
    }

    private static TermContext context(World world, long build) {
        return new TermContext(
                7,
                build,
                world.raft("n1"),
                world.clock(),
                new EventQueue(world.clock()),
                Runnable::run,
                new Counters(),
                world.state());
    }

    @Test
    void aQuestionTooManyIsTurnedAwayAndTheOthersGoOn() {
        World world = new World();
        world.runUntilAllUp();
        world.apply(World.fenceDevice("ipmi"));
        world.settle();
        LeaderLoop loop = world.loopOf("n1");
        CompletableFuture<List<FencePathResult>> first = loop.checkFencing("n2");
        CompletableFuture<List<FencePathResult>> last = first;
        for (int number = 0; number < 1_000 && !last.isDone(); number++) {
            last = loop.checkFencing("n2");
            loop.runUntilIdle();
        }
        assertThat(last).failsWithin(Duration.ZERO).withThrowableThat().withCauseInstanceOf(UnavailableException.class);
        assertThat(first).isNotDone();
        world.runUntil("an answer", Duration.ofMinutes(2), first::isDone);
        assertThat(first.join()).extracting(FencePathResult::getExecutor).containsExactlyInAnyOrder("n1", "n3");
    }
}
