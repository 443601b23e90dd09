package io.quorate.server.api;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import java.util.Map;

/** What labels an object has. */
final class Labels {
    private Labels() {}

    /** Those of a node are facts that people wrote of it; an instance has those of its unit; what is unknown has none. */
    static Map<String, String> of(ClusterState state, String key) {
        if (key.startsWith(Keys.NODES) || key.startsWith(Keys.NODE_SPECS)) {
            ObjectRow spec = state.object(Keys.nodeSpec(Keys.bare(key)));
            return spec == null ? Map.of() : spec.getNode().getLabelsMap();
        }
        if (key.startsWith(Keys.INSTANCES)) {
            InstanceRow instance = state.instance(Keys.bare(key));
            ObjectRow unit = instance == null ? null : Units.of(state, instance);
            return unit == null ? Map.of() : unit.getMeta().getLabelsMap();
        }
        ObjectRow row = state.object(key);
        return row == null ? Map.of() : row.getMeta().getLabelsMap();
    }
}
