package io.quorate.server.agent;

import io.quorate.agent.v1.LocalStatus;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.StoredAgent;
import io.quorate.server.config.ConfigException;
import io.quorate.server.time.Clock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * An agent, put together from its data directory and what it is given. Ending it never touches what it runs.
 *
 * <p>In production {@link #start} runs it on a thread of its own. A simulation calls {@link #begin} and then {@link
 * #runUntilIdle} after each step, on its own thread, with clock and threads of its own.
 */
public final class Agent implements AutoCloseable {
    private final AgentStore store;
    private final EventLoop events;
    private final AgentLoop loop;
    private final AgentParts parts;

    /**
     * What an agent is given.
     *
     * @param clock counts from the boot of the machine
     * @param onDefect ends the process
     */
    public record Surroundings(
            NodeLink link, Clock clock, AgentThreads threads, RandomGenerator random, Runnable onDefect) {}

    /** The machine that an agent is for; asked when the directory is open. */
    public interface Machine {
        AgentParts parts(String agentId) throws IOException, InterruptedException;

        /** Makes a new registration request, by the id of the cluster that the directory belongs to. */
        Function<String, RegisterAgentRequest.Builder> registration() throws IOException, InterruptedException;
    }

    private Agent(AgentStore store, EventLoop events, AgentLoop loop, AgentParts parts) {
        this.store = store;
        this.events = events;
        this.loop = loop;
        this.parts = parts;
    }

    /**
     * Opens the directory, which is made if it is missing; the agent does nothing yet.
     *
     * @throws ConfigException when the directory is another node's
     * @throws IOException when its directory cannot be used: the message says what to do
     */
    public static Agent open(Path data, String node, String bootId, Machine machine, Surroundings given)
            throws IOException, InterruptedException {
        AgentStore store = AgentStore.open(data);
        try {
            return open(store, data, node, bootId, machine, given);
        } catch (IOException | InterruptedException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static Agent open(
            AgentStore store, Path data, String node, String bootId, Machine machine, Surroundings given)
            throws IOException, InterruptedException {
        StoredAgent stored = stored(store, data, node, given.random());
        boolean sameBoot = stored.getBootId().equals(bootId);
        InstanceTable table = new InstanceTable(store, stored, bootId);
        AgentParts parts = machine.parts(table.head().getAgentId());
        // After a boot nothing holds of what copies said before.
        parts.copies().keepOnly(sameBoot ? table.all().keySet() : Set.of());
        Function<String, RegisterAgentRequest.Builder> registration = machine.registration();
        EventLoop events = new EventLoop(given.clock(), given.onDefect());
        AgentLoop loop = new AgentLoop(
                events,
                table,
                new ContactFile(data.resolve("contact"), bootId),
                parts,
                new LogRing(data.resolve("logs")),
                given.link(),
                () -> registration.apply(table.head().getClusterId()),
                given.threads(),
                given.random());
        return new Agent(store, events, loop, parts);
    }

    private static StoredAgent stored(AgentStore store, Path data, String node, RandomGenerator random)
            throws IOException {
        StoredAgent stored = store.load()
                .orElseGet(() -> StoredAgent.newBuilder()
                        .setAgentId(new UUID(random.nextLong(), random.nextLong()).toString())
                        .setNode(node)
                        .build());
        if (!stored.getNode().equals(node)) {
            throw new ConfigException(data + " belongs to node " + stored.getNode() + ", not to " + node);
        }
        store.save(stored);
        return stored;
    }

    /** Runs on a thread of its own until {@link #detach}. */
    public void start() {
        events.start();
        begin();
    }

    /** Has its first events wait, for who runs them with {@link #runUntilIdle}. */
    public void begin() {
        loop.begin();
    }

    /** Runs all events and timers that are due, and what they cause; the number of them. */
    public int runUntilIdle() throws InterruptedException {
        return events.runUntilIdle();
    }

    /** When its next timer is due, on its clock; MAX_VALUE: there is none. */
    public long nextTimerNanos() {
        return events.nextTimerNanos();
    }

    /** Says goodbye for a restart and ends; what runs goes on. Bounded by the given time. */
    public void detach(Duration patience) {
        loop.detach(patience);
    }

    /** What runs here. May be called from any thread. */
    public CompletableFuture<LocalStatus> status() {
        return loop.status();
    }

    /** When the lease that it counts on ends, on its clock; 0: it never had one. May be called from any thread. */
    public long leaseEndNanos() {
        return loop.leaseEndNanos();
    }

    /** What holds the processes that it starts, for people. */
    public String cellsDescription() {
        return parts.cellsDescription();
    }

    /** Lets the directory go. */
    @Override
    public void close() throws IOException {
        store.close();
    }
}
