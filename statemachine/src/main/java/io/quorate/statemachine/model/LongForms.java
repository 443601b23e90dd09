package io.quorate.statemachine.model;

import io.quorate.log.v1.ObjectRow;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.Follow;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What the short forms {@code placement.near}, {@code placement.apartFrom} and {@code follow} of a unit say in long. */
public final class LongForms {
    private LongForms() {}

    /**
     * A colocation that a unit's own fields say.
     *
     * @param field which of them, as in {@code placement.near.db}
     */
    public record ShortColocation(String field, ColocationSpec spec) {}

    /**
     * An order that a unit's own fields say.
     *
     * @param field which of them
     */
    public record ShortOrder(String field, OrderSpec spec) {}

    public static List<ShortColocation> colocations(ObjectRow unit) {
        return colocations(Keys.bare(unit.getKey()), Units.placement(unit), Units.follow(unit));
    }

    public static List<ShortOrder> orders(ObjectRow unit) {
        return orders(Keys.bare(unit.getKey()), Units.follow(unit));
    }

    /** By field, and in it by name. A follow without a resource says nothing. */
    public static List<ShortColocation> colocations(String unit, Placement placement, Follow follow) {
        List<ShortColocation> found = new ArrayList<>();
        new TreeMap<>(placement.getNearMap())
                .forEach((other, score) -> found.add(colocation("placement.near." + other, unit, other, score)));
        new TreeMap<>(placement.getApartFromMap())
                .forEach((other, score) -> found.add(colocation("placement.apartFrom." + other, unit, other, -score)));
        if (!follow.getResource().isEmpty()) {
            ShortColocation beside = colocation("follow", unit, follow.getResource(), ManifestLimits.MAX_SCORE);
            found.add(
                    isOfPromoted(follow)
                            ? new ShortColocation(
                                    "follow",
                                    beside.spec().toBuilder()
                                            .setWithRole(Role.ROLE_PROMOTED)
                                            .build())
                            : beside);
        }
        return List.copyOf(found);
    }

    public static List<ShortOrder> orders(String unit, Follow follow) {
        if (follow.getResource().isEmpty()) {
            return List.of();
        }
        return List.of(new ShortOrder(
                "follow",
                OrderSpec.newBuilder()
                        .setFirst(follow.getResource())
                        .setThen(unit)
                        .setFirstAction(
                                isOfPromoted(follow)
                                        ? OrderAction.ORDER_ACTION_PROMOTE
                                        : OrderAction.ORDER_ACTION_START)
                        .setThenAction(OrderAction.ORDER_ACTION_START)
                        .setKind(OrderKind.ORDER_KIND_MANDATORY)
                        .build()));
    }

    private static boolean isOfPromoted(Follow follow) {
        return follow.getRole() == Role.ROLE_PROMOTED;
    }

    private static ShortColocation colocation(String field, String unit, String other, int score) {
        return new ShortColocation(
                field,
                ColocationSpec.newBuilder()
                        .setResource(unit)
                        .setWithResource(other)
                        .setScore(score)
                        .build());
    }
}
