package io.quorate.statemachine.apply;

import io.quorate.log.v1.Change;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.Check;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.FencingToken;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What must hold of every state. After each command only what it changed is looked at. */
public final class Invariants {
    private Invariants() {}

    /**
     * Follows each instance through the changes of one command: it may be freed and then removed, not removed owned. One
     * that comes back under the id of a removed one begins anew; its tokens are higher because they are of this revision.
     */
    static void check(ClusterState before, ClusterState after, List<Change> changes) {
        NavigableMap<String, InstanceRow> latest = new TreeMap<>();
        NavigableSet<String> removed = new TreeSet<>();
        for (Change change : changes) {
            if (!change.hasInstance()) {
                continue;
            }
            String id = change.getInstance().getId();
            InstanceRow previous = removed.contains(id) ? null : latest.getOrDefault(id, before.instance(id));
            if (change.getDeleted()) {
                Check.invariant(previous == null || !previous.hasOwnership(), "RETIRE: removed while owned", id);
                latest.remove(id);
                removed.add(id);
            } else {
                check(previous, change.getInstance(), after);
                checkGrant(previous, change.getInstance(), after);
                latest.put(id, change.getInstance());
                removed.remove(id);
            }
        }
    }

    /** A new grant has the token of its own revision: higher than any before, whatever became of the rows that had them. */
    private static void checkGrant(@Nullable InstanceRow before, InstanceRow after, ClusterState state) {
        if (after.hasOwnership() && (before == null || !before.hasOwnership())) {
            Check.invariant(
                    Tokens.same(after.getOwnership().getToken(), Tokens.of(state.generation(), state.revision())),
                    "TOKEN-OF-ITS-REVISION",
                    after.getId());
        }
    }

    /** Looks at the whole state: at snapshots and in tests. */
    public static void checkAll(ClusterState state) {
        for (InstanceRow instance : state.instances().values()) {
            check(instance, instance, state);
        }
        Check.invariant(state.events().size() <= state.settings().historyEvents(), "BOUNDED", "events");
    }

    private static void check(@Nullable InstanceRow before, InstanceRow after, ClusterState state) {
        if (before != null) {
            Check.invariant(
                    Tokens.ORDER.compare(before.getHighestToken(), after.getHighestToken()) <= 0,
                    "TOKEN-RISES",
                    before.getId());
        }
        if (!after.hasOwnership()) {
            return;
        }
        OwnershipRow ownership = after.getOwnership();
        FencingToken token = ownership.getToken();
        Check.invariant(Tokens.same(token, after.getHighestToken()), "OWNER-HAS-HIGHEST-TOKEN", after.getId());
        Check.invariant(Tokens.ORDER.compare(token, after.getStoppedToken()) > 0, "NO-REGRANT", after.getId());
        Check.invariant(state.node(ownership.getNode()) != null, "OWNER-IS-KNOWN", after.getId());
        Check.invariant(
                token.getGeneration() <= state.generation() && ownership.getIncarnation() > 0,
                "TOKEN-OF-THIS-HISTORY",
                after.getId());
        if (before != null && before.hasOwnership()) {
            OwnershipRow held = before.getOwnership();
            boolean sameGrant = Tokens.same(held.getToken(), token)
                    && held.getNode().equals(ownership.getNode())
                    && held.getIncarnation() == ownership.getIncarnation();
            Check.invariant(sameGrant, "SINGLE-OWNER: moved without being freed", after.getId());
        }
    }
}
