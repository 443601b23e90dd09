package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A clone with its instances. */
final class Copies extends Slot {
    final Resource.Clone of;
    final List<Slot> instances = new ArrayList<>();
    /** Instances that were given to each node so far, at its number. */
    final int[] counts;

    Copies(Resource.Clone of, int nodes) {
        super(of.id(), of.meta(), null, nodes);
        this.of = of;
        this.counts = new int[nodes];
    }

    @Override
    Stream<Slot> children() {
        return instances.stream();
    }

    @Override
    Stream<Single> singles() {
        return instances.stream().flatMap(Slot::singles);
    }

    @Override
    Single first() {
        return instances.get(0).first();
    }
}
