package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A group, or one instance of it. */
final class Series extends Slot {
    final List<Single> members = new ArrayList<>();

    Series(String id, Meta meta, @Nullable Slot parent) {
        super(id, meta, parent);
    }

    @Override
    Stream<Slot> children() {
        return members.stream().map(Slot.class::cast);
    }

    Single first() {
        return members.get(0);
    }

    Single last() {
        return members.get(members.size() - 1);
    }
}
