package io.quorate.jepsen.sim;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Commit;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Evidence;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What must hold at every moment, by the ground truth of the machines and by what is committed. The names are those of the
 * invariants of the architecture.
 */
final class Checks implements SimMachine.Witness, SimRaft.Witness {
    private final Map<String, SimMachine> machines;
    private final Supplier<ClusterState> committed;
    private final Predicate<String> believesInLease;
    private final Map<String, CommandResult> answers = new HashMap<>();
    private final Map<String, Long> highestStarted = new HashMap<>();
    private final SortedMap<String, Long> transitions = new TreeMap<>();
    private long evaluated;

    /** @param believesInLease whether the agent of a node counts on its lease now */
    Checks(Map<String, SimMachine> machines, Supplier<ClusterState> committed, Predicate<String> believesInLease) {
        this.machines = machines;
        this.committed = committed;
        this.believesInLease = believesInLease;
    }

    /** How often each transition of the protocol came about. */
    SortedMap<String, Long> transitions() {
        return transitions;
    }

    long evaluated() {
        return evaluated;
    }

    private void count(String transition) {
        transitions.merge(transition, 1L, Long::sum);
    }

    private static String instance(String service) {
        return service.substring(0, service.indexOf('/'));
    }

    private boolean isExclusive(String service) {
        InstanceRow row = committed.get().instance(instance(service));
        if (row == null) {
            return true;
        }
        ObjectRow unit = Units.of(committed.get(), row);
        return unit == null || Units.isExclusive(unit);
    }

    /** I1: nothing exclusive runs on two machines, nothing is promoted on two. */
    @Override
    public void changed(SimMachine machine) {
        evaluated++;
        Map<String, String> promoted = new HashMap<>();
        for (SimMachine each : machines.values()) {
            each.services().forEach((service, running) -> {
                if (running.promoted()) {
                    String clone = service.substring(0, service.indexOf(':'));
                    @Nullable String other = promoted.put(clone, each.name());
                    if (other != null) {
                        throw new Violation("I1: " + clone + " is promoted on " + other + " and on " + each.name());
                    }
                }
            });
        }
        for (String service : machine.services().keySet()) {
            for (SimMachine other : machines.values()) {
                if (other != machine && other.services().containsKey(service) && isExclusive(service)) {
                    throw new Violation("I1: " + service + " runs on " + machine.name() + " and on " + other.name());
                }
            }
        }
    }

    /** I4: what starts is owned there, under that token. I2: and no earlier token starts after a later one. */
    @Override
    public void started(SimMachine machine, String service, long token) {
        evaluated++;
        if (!isExclusive(service)) {
            return;
        }
        count("started");
        long highest = highestStarted.merge(service, token, Math::max);
        if (highest > token) {
            throw new Violation(
                    "I2: " + service + " starts on " + machine.name() + " with token " + token + " after " + highest);
        }
        InstanceRow row = committed.get().instance(instance(service));
        boolean owned = row != null
                && row.hasOwnership()
                && row.getOwnership().getNode().equals(machine.name())
                && row.getOwnership().getToken().getNumber() == token;
        if (!owned) {
            throw new Violation("I4: " + service + " starts on " + machine.name() + " with token " + token
                    + ", committed is " + (row == null ? "nothing" : row.getOwnership()));
        }
    }

    @Override
    public void committed(LogEntry entry, ClusterState before, Applied applied) {
        evaluated++;
        isFresh(entry, before, applied);
        answersAreOne(entry, applied);
        Map<String, InstanceRow> latest = new HashMap<>();
        for (Commit commit : applied.commits()) {
            for (Change change : commit.changes()) {
                if (change.hasInstance()) {
                    InstanceRow now = change.getInstance();
                    InstanceRow was =
                            latest.containsKey(now.getId()) ? latest.get(now.getId()) : before.instance(now.getId());
                    if (was != null) {
                        follows(was, now, change.getDeleted());
                    }
                    latest.put(now.getId(), now);
                } else if (change.hasNode()) {
                    NodeRow was = before.node(change.getNode().getName());
                    if (was != null && was.getPhase() != change.getNode().getPhase()) {
                        count("node " + was.getPhase().name().substring("NODE_PHASE_".length()) + " to "
                                + change.getNode().getPhase().name().substring("NODE_PHASE_".length()));
                    }
                }
            }
        }
        applied.results().forEach(result -> {
            if (result.getCode() != 0) {
                count("refused " + result.getCode());
            }
        });
    }

    /** I8: what a decision rested on was as it was read; of an entry only its first command can be judged from outside. */
    private static void isFresh(LogEntry entry, ClusterState before, Applied applied) {
        if (entry.getCommandsCount() == 0 || applied.results().get(0).getCode() != 0) {
            return;
        }
        for (ObjectRevision read : entry.getCommands(0).getReadSetList()) {
            if (before.revisionOf(read.getObject()) != read.getRevision()) {
                throw new Violation("I8: accepted though " + read.getObject() + " was read at " + read.getRevision()
                        + " and is at " + before.revisionOf(read.getObject()) + ": " + entry.getCommands(0));
            }
        }
    }

    /** I15: one request, one outcome. */
    private void answersAreOne(LogEntry entry, Applied applied) {
        for (int i = 0; i < entry.getCommandsCount(); i++) {
            String id = Mutation.originalOf(entry.getCommands(i).getRequestId());
            CommandResult answer = applied.results().get(i);
            if (!id.isEmpty() && answer.getCode() == 0) {
                CommandResult former = answers.put(id, answer);
                if (former != null && !former.equals(answer)) {
                    throw new Violation("I15: request " + id + " had the outcome " + former + " and then " + answer);
                }
            }
        }
    }

    /** I2 and I3: tokens rise, and what is freed has evidence, which is true. */
    private void follows(InstanceRow was, InstanceRow now, boolean deleted) {
        if (Tokens.ORDER.compare(was.getHighestToken(), now.getHighestToken()) > 0) {
            throw new Violation("I2: the token of " + now.getId() + " fell");
        }
        boolean freed = was.hasOwnership() && (!now.hasOwnership() || deleted);
        boolean passed = was.hasOwnership()
                && now.hasOwnership()
                && !was.getOwnership().getToken().equals(now.getOwnership().getToken());
        if (!was.hasOwnership() && now.hasOwnership()) {
            count("granted");
        }
        if (freed) {
            count("freed by " + now.getFreedBy().name().substring("EVIDENCE_".length()));
            String owner = was.getOwnership().getNode();
            if (now.getFreedBy() != Evidence.EVIDENCE_LEASE_EXPIRED) {
                isTrue(was, now);
            } else if (believesInLease.test(owner)) {
                throw new Violation("I5: " + now.getId() + " was given away while " + owner + " counts on its lease");
            }
        } else if (passed) {
            throw new Violation("I3: " + now.getId() + " passed from " + was.getOwnership() + " to "
                    + now.getOwnership() + " without being free");
        }
    }

    private void isTrue(InstanceRow was, InstanceRow now) {
        OwnershipRow former = was.getOwnership();
        SimMachine machine = machines.get(former.getNode());
        if (machine == null) {
            return;
        }
        machine.services().forEach((service, running) -> {
            boolean same = instance(service).equals(was.getId())
                    && running.token() == former.getToken().getNumber();
            if (same) {
                throw new Violation("I3: " + was.getId() + " was freed (" + now.getFreedBy() + ") while " + service
                        + " runs on " + former.getNode());
            }
        });
    }
}
