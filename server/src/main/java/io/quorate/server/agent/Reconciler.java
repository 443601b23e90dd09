package io.quorate.server.agent;

import io.quorate.agent.v1.DesiredInstance;
import io.quorate.agent.v1.DesiredMember;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.v1.NodePhase;
import java.util.List;
import java.util.Optional;

/**
 * What to do next: a pure function of what is desired, what is there, the lease and the contact. At most one step for an
 * instance; after every step it is asked again. The names in comments are the guards of the ownership protocol.
 */
public final class Reconciler {
    private Reconciler() {}

    /**
     * The step to take now for one instance, if there is one.
     *
     * @param desired what the last set of work says of it; counts only while the contact is confirmed
     * @param actual what this node has of it
     * @param stopped the highest token number of it that was stopped here for good; 0 when there is none
     * @param nowNanos compared with the members' retry times
     */
    public static Optional<Action> decide(
            Optional<DesiredInstance> desired,
            Optional<InstanceState> actual,
            long stopped,
            Contact contact,
            long nowNanos) {
        if (actual.isPresent()) {
            return present(desired, actual.get(), stopped, contact, nowNanos);
        }
        return desired.filter(instance -> contact.confirmed())
                .map(instance -> new Action.Track(instance.getInstance(), instance));
    }

    private static Optional<Action> present(
            Optional<DesiredInstance> wanted, InstanceState actual, long stopped, Contact contact, long now) {
        // OneOp: nothing is begun and nothing is concluded while an operation is under way.
        if (actual.busy()) {
            return Optional.empty();
        }
        Optional<MemberState> unknown = actual.members().stream()
                .filter(member -> member.phase() == Phase.PHASE_UNKNOWN)
                .findFirst();
        if (unknown.isPresent()) {
            return unknown.filter(member -> member.retryAtNanos() <= now)
                    .map(member -> new Action.Look(actual.instance(), member.resource()));
        }
        if (contact.leaseEnded()) {
            return withoutLease(actual, contact, now);
        }
        if (!contact.confirmed()) {
            return Optional.empty();
        }
        return wanted.isPresent() ? owned(wanted.get(), actual, stopped, contact, now) : notOwned(actual, contact, now);
    }

    /** Where something else than a confirmed fence can free it, it must not run on without a lease. */
    private static Optional<Action> withoutLease(InstanceState actual, Contact contact, long now) {
        if (actual.keepWithoutContact() || contact.paused() || actual.released()) {
            return Optional.empty();
        }
        return stopAll(actual, now);
    }

    /**
     * Not ours, or not any more: what we started is stopped. While joining, too (JoinClean): a node that was given up and
     * registered again without a reboot still runs what its former life owned, and is not let in before that has ended.
     */
    private static Optional<Action> notOwned(InstanceState actual, Contact contact, long now) {
        if (actual.released()) {
            return Optional.of(new Action.Drop(actual.instance()));
        }
        boolean present = contact.phase() == NodePhase.NODE_PHASE_UP || contact.phase() == NodePhase.NODE_PHASE_JOINING;
        return present && !contact.paused() ? stopAll(actual, now) : Optional.empty();
    }

    private static Optional<Action> owned(
            DesiredInstance desired, InstanceState actual, long stopped, Contact contact, long now) {
        boolean sameToken = desired.getToken().getNumber() == actual.token().getNumber();
        if (!sameToken && desired.getAdopt() && actual.mayRun()) {
            return Optional.of(new Action.TakeOver(actual.instance(), desired));
        }
        if (contact.paused() || desired.getMaintenance()) {
            return Optional.empty();
        }
        if (!sameToken) {
            // Whatever runs, runs under a token that is not the owner's any more.
            return actual.mayRun()
                    ? stopLast(actual, 0, true, now)
                    : Optional.of(new Action.TakeOver(actual.instance(), desired));
        }
        // A release is about every member that the cluster knows: one that came meanwhile is looked at first.
        if (isMissing(desired, actual)) {
            return Optional.of(new Action.Track(actual.instance(), desired));
        }
        if (actual.released()) {
            return Optional.empty();
        }
        // Tombstone: a token that was given up is not taken up again; what is left of it is stopped and released.
        if (desired.getRelease() || desired.getToken().getNumber() <= stopped) {
            return stopAll(actual, now);
        }
        // TwoHolders: it may run on the node that it was sent to.
        if (actual.leaves()) {
            return Optional.empty();
        }
        if (!desired.getArrivesFrom().isEmpty()) {
            return arrive(desired, actual, contact);
        }
        if (desired.hasMigrate()) {
            // with another definition it is started anew first: the target takes over what the cluster wants now
            return restart(desired, actual, now)
                    .orElseGet(() -> start(desired, actual, contact).or(() -> send(desired, actual, contact)));
        }
        return formerMembers(desired, actual, now)
                .or(() -> restart(desired, actual, now))
                .orElseGet(() -> start(desired, actual, contact));
    }

    /** What runs here, each member and not only its start, goes to the other node as it is. */
    private static Optional<Action> send(DesiredInstance desired, InstanceState actual, Contact contact) {
        return actual.allRunning() && mayStart(contact)
                ? actual.members().stream()
                        .findFirst()
                        .map(member -> new Action.Send(actual.instance(), member.resource(), desired.getMigrate()))
                : Optional.empty();
    }

    /**
     * What was sent here is taken over, and never started: while another node may hold it, too, only what migrate_from made of
     * it counts. A member that failed waits for the leader, whatever of it runs.
     */
    private static Optional<Action> arrive(DesiredInstance desired, InstanceState actual, Contact contact) {
        for (DesiredMember wanted : desired.getMembersList()) {
            MemberState member = actual.member(wanted.getResource()).orElseThrow();
            if (member.phase() == Phase.PHASE_AWAITED) {
                return mayStart(contact)
                        ? Optional.of(new Action.Arrive(actual.instance(), wanted, desired.getArrivesFrom()))
                        : Optional.empty();
            }
            if (!member.up()) {
                return Optional.empty();
            }
        }
        return firstMonitor(actual);
    }

    private static boolean isMissing(DesiredInstance desired, InstanceState actual) {
        return desired.getMembersList().stream()
                .anyMatch(member -> actual.member(member.getResource()).isEmpty());
    }

    /** Former members of the group are stopped, last first, and then forgotten. The inner value is the step. */
    private static Optional<Optional<Action>> formerMembers(DesiredInstance desired, InstanceState actual, long now) {
        List<MemberState> former = actual.members().stream()
                .filter(member -> find(desired, member.resource()).isEmpty())
                .toList();
        for (int index = former.size() - 1; index >= 0; index--) {
            if (former.get(index).mayRun()) {
                return Optional.of(stop(actual, former.get(index), false, now));
            }
        }
        return former.isEmpty()
                ? Optional.empty()
                : Optional.of(Optional.of(
                        new Action.Forget(actual.instance(), former.get(0).resource())));
    }

    /** From the first member on that is to be recovered or has another definition, all are stopped, last first. */
    private static Optional<Optional<Action>> restart(DesiredInstance desired, InstanceState actual, long now) {
        for (int index = 0; index < actual.members().size(); index++) {
            MemberState member = actual.members().get(index);
            DesiredMember wanted = find(desired, member.resource()).orElseThrow();
            boolean recover = wanted.getRecoverRevision() > member.recoverRevision();
            boolean changed = !wanted.getDefinitionDigest().equals(member.digest());
            if (member.mayRun() && (recover || changed)) {
                return Optional.of(stopLast(actual, index, false, now));
            }
        }
        return Optional.empty();
    }

    private static Optional<Action> start(DesiredInstance desired, InstanceState actual, Contact contact) {
        for (DesiredMember wanted : desired.getMembersList()) {
            MemberState member = actual.member(wanted.getResource()).orElseThrow();
            if (member.phase() == Phase.PHASE_STOPPED) {
                return mayStart(contact) ? Optional.of(new Action.Start(actual.instance(), wanted)) : Optional.empty();
            }
            if (!member.up()) {
                return Optional.empty();
            }
        }
        // Only now: nobody's start waits for the monitor of another.
        return firstMonitor(actual);
    }

    private static Optional<Action> firstMonitor(InstanceState actual) {
        return actual.members().stream()
                .filter(member -> member.phase() == Phase.PHASE_STARTED)
                .findFirst()
                .map(member -> new Action.Monitor(actual.instance(), member.resource()));
    }

    /** Whether what was decided may still be begun, a start or a migration: what goes before may have outlasted the lease. */
    static boolean mayBegin(Optional<DesiredInstance> desired, InstanceState actual, Contact contact) {
        return mayStart(contact)
                && !contact.paused()
                && desired.filter(instance -> instance.getToken().getNumber()
                                == actual.token().getNumber())
                        .filter(instance -> !instance.getRelease() && !instance.getMaintenance())
                        .filter(instance -> isTheOneToLeaveFor(instance, actual))
                        .isPresent();
    }

    private static boolean isTheOneToLeaveFor(DesiredInstance desired, InstanceState actual) {
        return actual.members().stream()
                .filter(member -> member.phase() == Phase.PHASE_SENDING)
                .allMatch(member -> member.departure() == desired.getMigrate().getTokenNumber());
    }

    /** RUN⊆OWN: the token comes from a confirmed answer (ConfirmedToken), the lease lives, the node has joined. */
    private static boolean mayStart(Contact contact) {
        return contact.confirmed() && contact.leaseLive() && contact.phase() == NodePhase.NODE_PHASE_UP;
    }

    private static Optional<Action> stopAll(InstanceState actual, long now) {
        return actual.mayRun() ? stopLast(actual, 0, true, now) : Optional.of(new Action.Retire(actual.instance()));
    }

    /** The last member from this index on that may run; a stop that failed is tried again only in its time. */
    private static Optional<Action> stopLast(InstanceState actual, int from, boolean forGood, long now) {
        for (int index = actual.members().size() - 1; index >= from; index--) {
            MemberState member = actual.members().get(index);
            if (member.mayRun()) {
                return stop(actual, member, forGood, now);
            }
        }
        return Optional.empty();
    }

    private static Optional<Action> stop(InstanceState actual, MemberState member, boolean forGood, long now) {
        return member.phase() == Phase.PHASE_STOP_FAILED && member.retryAtNanos() > now
                ? Optional.empty()
                : Optional.of(new Action.Stop(actual.instance(), member.resource(), forGood));
    }

    private static Optional<DesiredMember> find(DesiredInstance desired, String resource) {
        return desired.getMembersList().stream()
                .filter(member -> member.getResource().equals(resource))
                .findFirst();
    }
}
