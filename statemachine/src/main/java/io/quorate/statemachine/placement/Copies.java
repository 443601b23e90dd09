package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A clone with its instances. */
final class Copies extends Slot {
    final Resource.Clone of;
    List<Slot> instances = new ArrayList<>();
    /** Instances that were given to each node so far. */
    final Map<Machine, Integer> counts = new LinkedHashMap<>();

    Copies(Resource.Clone of) {
        super(of.id(), of.meta(), null);
        this.of = of;
    }

    @Override
    Stream<Slot> children() {
        return instances.stream();
    }
}
