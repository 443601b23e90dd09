package io.quorate.statemachine.model;

import io.quorate.log.v1.ObjectRow;
import io.quorate.v1.FenceLevel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which fence devices can switch a node, in the order in which they are tried. */
public final class FencePaths {
    private FencePaths() {}

    /**
     * Levels for a node: names of devices that must all confirm "off". From the plan that names the node, else from
     * the plan for all nodes, else every device with a row for the node as a level of its own, by name.
     */
    public static List<List<String>> levels(ClusterState state, String node) {
        ObjectRow plan = planFor(state, node);
        List<List<String>> levels = new ArrayList<>();
        if (plan != null) {
            for (FenceLevel level : plan.getFencePlan().getLevelsList()) {
                if (level.getDevicesCount() > 0
                        && level.getDevicesList().stream().allMatch(device -> reaches(state, device, node))) {
                    levels.add(List.copyOf(level.getDevicesList()));
                }
            }
            return levels;
        }
        for (ObjectRow row : state.objects().values()) {
            if (row.hasFenceDevice() && row.getFenceDevice().containsPerNode(node)) {
                levels.add(List.of(row.getMeta().getName()));
            }
        }
        return levels;
    }

    public static boolean has(ClusterState state, String node) {
        return !levels(state, node).isEmpty();
    }

    private static @Nullable ObjectRow planFor(ClusterState state, String node) {
        ObjectRow forAll = null;
        for (ObjectRow row : state.objects().values()) {
            if (row.hasFencePlan() && row.getFencePlan().getNodesList().contains(node)) {
                return row;
            }
            if (row.hasFencePlan() && row.getFencePlan().getNodesCount() == 0 && forAll == null) {
                forAll = row;
            }
        }
        return forAll;
    }

    private static boolean reaches(ClusterState state, String device, String node) {
        ObjectRow row = state.object(Keys.FENCE_DEVICES + device);
        return row != null && row.getFenceDevice().containsPerNode(node);
    }
}
