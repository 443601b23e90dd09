package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A group, or one instance of it. */
final class Series extends Slot {
    final List<Single> members = new ArrayList<>();
    /** The first members, so many, are up when this pass is over. */
    int up;
    /** The last member that runs and cannot be stopped; -1: there is none. */
    int lastStuck = -1;

    Series(String id, Meta meta, @Nullable Slot parent, int nodes) {
        super(id, meta, parent, nodes);
    }

    @Override
    Stream<Slot> children() {
        return members.stream().map(Slot.class::cast);
    }

    @Override
    Stream<Single> singles() {
        return members.stream();
    }

    @Override
    Single first() {
        return members.get(0);
    }

    Single last() {
        return members.get(members.size() - 1);
    }
}
