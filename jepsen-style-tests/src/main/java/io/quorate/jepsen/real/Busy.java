package io.quorate.jepsen.real;

import io.quorate.e2e.CheckFailedException;
import io.quorate.e2e.Cluster;
import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.LabException;
import io.quorate.jepsen.real.fault.Ground;
import io.quorate.v1.Event;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.ListEventsResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Loops that keep the machine busy while a run lasts, in which nothing else happens: the cluster must not mind. */
final class Busy implements AutoCloseable {
    private static final long LOOK_MILLIS = 1_000;
    private static final int MOST_LEADER_CHANGES = 1;
    private static final String MOST_EVENTS = "1000";

    private final Cluster cluster;
    private final Ground ground;
    private final List<Process> loops = new ArrayList<>();
    private final Set<String> leaders = new LinkedHashSet<>();
    private final long firstEvent;
    private final Thread looking;
    private volatile boolean closed;

    /** Begins. */
    Busy(int count, Cluster cluster, Ground ground) {
        this.cluster = cluster;
        this.ground = ground;
        this.firstEvent = events().stream().mapToLong(Event::getSequence).max().orElse(0);
        for (int i = 0; i < count; i++) {
            try {
                loops.add(new ProcessBuilder("/bin/bash", "-c", "while :; do :; done").start());
            } catch (IOException e) {
                close();
                throw new UncheckedIOException(e);
            }
        }
        looking = new Thread(this::look, "leaders");
        looking.setDaemon(true);
        looking.start();
    }

    private List<Event> events() {
        return Cluster.parse(
                        cluster.must("events", "--limit", MOST_EVENTS, "-o", "json", "--timeout", "60s"),
                        ListEventsResponse.newBuilder())
                .build()
                .getEventsList();
    }

    private void look() {
        while (!closed) {
            Optional<GetStatusResponse> status = ground.status();
            synchronized (leaders) {
                status.map(GetStatusResponse::getHeader)
                        .filter(header -> !header.getLeader().isEmpty())
                        .ifPresent(header -> leaders.add(header.getLeader() + " in term " + header.getRaftTerm()));
            }
            Await.pause(LOOK_MILLIS);
        }
    }

    /** What the cluster did mind. */
    List<String> violations() {
        List<String> violations = new ArrayList<>();
        try {
            events().stream()
                    .filter(event ->
                            event.getSequence() > firstEvent && event.getKind().equals("NODE_LOST"))
                    .forEach(event -> violations.add("a node was declared lost: " + event.getText()));
        } catch (LabException | CheckFailedException e) {
            violations.add("the events cannot be read: " + e.getMessage());
        }
        synchronized (leaders) {
            if (leaders.isEmpty() || leaders.size() - 1 > MOST_LEADER_CHANGES) {
                violations.add("leaders were: " + leaders);
            }
        }
        return violations;
    }

    @Override
    public void close() {
        closed = true;
        loops.forEach(Process::destroyForcibly);
    }
}
