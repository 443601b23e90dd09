package io.quorate.statemachine.model;

import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.Promotable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups on clones. A clone has numbered slots for its copies, {@code db:0}, and where it is promotable for its promotions,
 * {@code db:promoted:0}. Each slot is an instance of its own: owned by one node at most, under a token of its own
 * (CountedSlots, PromotionIsOwned).
 */
public final class Clones {
    private static final String SLOT = ":";
    private static final String PROMOTED = ":promoted:";
    /** Follows the colon: the end of a clone's part of the instances, which are in order of id. */
    private static final String END = ";";

    private static final String SCORE = "promotion-score.";
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,9}");
    private static final Comparator<InstanceRow> COPIES_FIRST = Comparator.comparing(Clones::isPromotion)
            .thenComparingInt(instance -> instance.getSlot().getNumber());

    private Clones() {}

    public static String copyId(String clone, int number) {
        return clone + SLOT + number;
    }

    public static String promotionId(String clone, int number) {
        return clone + PROMOTED + number;
    }

    /** Whether the id is that of one of the clone's promotions. */
    public static boolean isPromotionId(String clone, String instance) {
        return instance.startsWith(clone + PROMOTED);
    }

    /** The resource or group that the clone makes copies of; null while it is gone. */
    public static @Nullable ObjectRow copied(ClusterState state, ObjectRow clone) {
        ObjectRow group = state.object(Keys.group(clone.getClone().getOf()));
        return group != null
                ? group
                : state.object(Keys.resource(clone.getClone().getOf()));
    }

    /** How many copies there may be; where the file does not say, as many as nodes are known. */
    public static int maxCopies(ClusterState state, ObjectRow clone) {
        CloneSpec spec = clone.getClone();
        return spec.hasMax() ? spec.getMax() : state.nodes().size();
    }

    public static int maxPerNode(ObjectRow clone) {
        return clone.getClone().hasMaxPerNode() ? clone.getClone().getMaxPerNode() : 1;
    }

    public static boolean isPromotable(ObjectRow unit) {
        return unit.getClone().hasPromotable();
    }

    /** How many copies may be promoted; 0 for clones that are not promotable. */
    public static int maxPromoted(ObjectRow clone) {
        Promotable promotable = clone.getClone().getPromotable();
        return isPromotable(clone) ? promotable.hasMax() ? promotable.getMax() : 1 : 0;
    }

    public static int maxPromotedPerNode(ObjectRow clone) {
        Promotable promotable = clone.getClone().getPromotable();
        return promotable.hasMaxPerNode() ? promotable.getMaxPerNode() : 1;
    }

    /** Whether the instance is a copy of a clone. */
    public static boolean isCopy(InstanceRow instance) {
        return instance.hasSlot() && !instance.getSlot().getPromotion();
    }

    /** Whether owning the instance means that a copy is promoted. */
    public static boolean isPromotion(InstanceRow instance) {
        return instance.getSlot().getPromotion();
    }

    /** A copy that is as all others of its clone are: what runs on a node is that node's copy, whatever its number. */
    public static boolean isAnonymousCopy(ClusterState state, InstanceRow instance) {
        ObjectRow clone = Units.of(state, instance);
        return clone != null
                && clone.hasClone()
                && isCopy(instance)
                && !clone.getClone().getGloballyUnique();
    }

    /** Whether a copy runs on this node, in its present life, and is not being stopped. */
    public static boolean hasRunningCopy(ClusterState state, ObjectRow clone, String name) {
        NodeRow node = state.node(name);
        return node != null
                && copies(state, clone).stream()
                        .filter(copy -> copy.getOwnership().getNode().equals(name)
                                && copy.getOwnership().getIncarnation() == node.getIncarnation())
                        .anyMatch(copy -> RunStates.isUp(copy)
                                && !copy.getOwnership().getReleasing()
                                && !copy.getOwnership().getStopFailed());
    }

    /** Copies by number, then promotions by number. */
    public static List<InstanceRow> instances(ClusterState state, ObjectRow clone) {
        String name = clone.getMeta().getName();
        List<InstanceRow> found = new ArrayList<>();
        for (InstanceRow instance :
                state.instances().subMap(name + SLOT, true, name + END, false).values()) {
            if (instance.getUnit().equals(clone.getKey())) {
                found.add(instance);
            }
        }
        found.sort(COPIES_FIRST);
        return found;
    }

    public static List<InstanceRow> copies(ClusterState state, ObjectRow clone) {
        return instances(state, clone).stream().filter(Clones::isCopy).toList();
    }

    public static List<InstanceRow> promotions(ClusterState state, ObjectRow clone) {
        return instances(state, clone).stream().filter(Clones::isPromotion).toList();
    }

    /** The owned promotion of a copy, a copy under another token not counted; null when it is not promoted. */
    public static @Nullable InstanceRow promotionOf(ClusterState state, InstanceRow copy) {
        ObjectRow clone = state.object(copy.getUnit());
        if (clone == null || !clone.hasClone() || !copy.hasOwnership()) {
            return null;
        }
        for (InstanceRow promotion : promotions(state, clone)) {
            boolean ofCopy = promotion.hasOwnership()
                    && promotion.getOwnership().getCopy().equals(copy.getId());
            if (ofCopy
                    && Tokens.same(
                            promotion.getOwnership().getCopyToken(),
                            copy.getOwnership().getToken())) {
                return promotion;
            }
        }
        return null;
    }

    /** The attribute of nodes that holds what resource agents say of a promotion there. */
    public static String scoreName(String clone) {
        return SCORE + clone;
    }

    /** The clone that an attribute is the promotion score of; null when it is none. */
    public static @Nullable String cloneOfScore(String attribute) {
        return attribute.startsWith(SCORE) ? attribute.substring(SCORE.length()) : null;
    }

    /** What the agent on a node said of a promotion there, -1,000,000 to 1,000,000; empty: nothing. */
    public static OptionalInt promotionScore(ClusterState state, ObjectRow clone, String node) {
        AttributeRow row =
                state.attributes().get(node + "/" + scoreName(clone.getMeta().getName()));
        if (row == null) {
            return OptionalInt.empty();
        }
        return parseScore(row.getValue());
    }

    /** A score as agents write it: a whole number, or {@code INFINITY} with or without a sign; empty: it is none. */
    public static OptionalInt parseScore(String text) {
        int sign = text.startsWith("-") ? -1 : 1;
        String size = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (size.equalsIgnoreCase("INFINITY") || size.equalsIgnoreCase("INF")) {
            return OptionalInt.of(sign * ManifestLimits.MAX_SCORE);
        }
        return NUMBER.matcher(text).matches()
                ? OptionalInt.of(
                        Math.max(-ManifestLimits.MAX_SCORE, Math.min(ManifestLimits.MAX_SCORE, Integer.parseInt(text))))
                : OptionalInt.empty();
    }
}
