package io.quorate.server.agent;

import io.quorate.agent.v1.StoredMember.Phase;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Who may start, or be promoted, next: the node that gets all that a lost one ran shall not begin all of it at once. Nothing else
 * waits here. First come, first served, so that what fails and starts again never holds another up. On the loop's thread only.
 */
final class StartQueue {
    private final InstanceTable table;
    private final Set<String> waiting = new LinkedHashSet<>();

    StartQueue(InstanceTable table) {
        this.table = table;
    }

    /**
     * Whether the start of an instance may begin now, which it then does. Else it has its place, until it begins or leaves.
     *
     * @param limit starts under way at once; 0: no limit
     */
    boolean admits(String instance, int limit) {
        waiting.add(instance);
        boolean admitted = limit == 0 || hasTurn(instance, limit - underWay());
        if (admitted) {
            waiting.remove(instance);
        }
        return admitted;
    }

    /** It has nothing to start now. True when it gave up its place, so that it may be another's turn. */
    boolean leave(String instance) {
        return waiting.remove(instance);
    }

    /** What waits for the end of another operation, such as a monitor, keeps its place, and no other waits for it. */
    private boolean hasTurn(String instance, long free) {
        Iterator<String> queue = waiting.iterator();
        while (free > 0) {
            String next = queue.next();
            if (next.equals(instance)) {
                return true;
            }
            free -= canBegin(next) ? 1 : 0;
        }
        return false;
    }

    private boolean canBegin(String instance) {
        return table.get(instance).filter(state -> !table.busy(state.service())).isPresent();
    }

    private long underWay() {
        return table.all().values().stream().filter(StartQueue::isStarting).count();
    }

    /** What an earlier process began counts, too, until it has ended and a look has found what became of it. */
    private static boolean isStarting(InstanceState state) {
        return state.busy()
                && state.members().stream()
                        .anyMatch(member -> begins(member.phase())
                                || (member.phase() == Phase.PHASE_UNKNOWN && begins(member.before())));
    }

    private static boolean begins(Phase phase) {
        return phase == Phase.PHASE_STARTING || phase == Phase.PHASE_SENDING || phase == Phase.PHASE_ARRIVING;
    }
}
