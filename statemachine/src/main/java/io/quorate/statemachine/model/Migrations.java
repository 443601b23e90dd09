package io.quorate.statemachine.model;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups on live migrations. While {@code web} moves without being stopped, two nodes hold it (TwoHolders), each by an
 * ownership with a token of its own: the source by that of the instance {@code web}, with a departure in it, and the target
 * by that of its arrival, the instance {@code web:arriving}. Whatever ends one of them is the same as for any owner. The
 * arrival is there only while the target owns it; in the end it becomes the ownership of {@code web}.
 */
public final class Migrations {
    private static final String ARRIVING = ":arriving";

    private Migrations() {}

    /** The id of the arrival of an instance. */
    public static String arrivalId(String instance) {
        return instance + ARRIVING;
    }

    public static boolean isArrival(InstanceRow instance) {
        return !instance.getArrivalOf().isEmpty();
    }

    /** The instance as agents know it: what arrives is the same service. */
    public static String serviceId(InstanceRow instance) {
        return isArrival(instance) ? instance.getArrivalOf() : instance.getId();
    }

    /** What the target of an instance's migration holds, whether the source still holds its part or not; null: nothing. */
    public static @Nullable InstanceRow arrivalOf(ClusterState state, InstanceRow instance) {
        return isArrival(instance) ? null : state.instance(arrivalId(instance.getId()));
    }

    /** Whether the two halves belong together: the source leaves for this very arrival. */
    public static boolean isBound(InstanceRow source, InstanceRow arrival) {
        return source.getOwnership().hasDeparture()
                && Tokens.same(
                        source.getOwnership().getDeparture().getToken(),
                        arrival.getOwnership().getToken());
    }

    /** Whether a unit is moved without being stopped where that is possible: one resource that is told to. */
    public static boolean mayMigrate(ObjectRow unit) {
        return Units.isUnit(unit) && unit.getResource().getLiveMigration();
    }
}
