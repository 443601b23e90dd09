package io.quorate.server.agent.exec;

import io.quorate.agent.v1.CloneContext;
import java.util.Map;
import java.util.TreeMap;

/** What Pacemaker tells the resource agent of a copy about its clone, under the names that agents look for. */
final class CloneVariables {
    private CloneVariables() {}

    /** Without their common prefix {@code OCF_RESKEY_CRM_meta_}; empty outside clones. */
    static Map<String, String> of(ClonePart part) {
        CloneContext clone = part.context();
        Map<String, String> variables = new TreeMap<>();
        if (clone.getClone().isEmpty()) {
            return variables;
        }
        variables.put("clone", Integer.toString(clone.getNumber()));
        variables.put("clone_max", Integer.toString(clone.getMax()));
        variables.put("clone_node_max", Integer.toString(clone.getMaxPerNode()));
        variables.put("globally_unique", Boolean.toString(clone.getGloballyUnique()));
        variables.put("notify", Boolean.toString(clone.getNotify()));
        variables.put("promotable", Boolean.toString(clone.getPromotable()));
        if (clone.getPromotable()) {
            String most = Integer.toString(clone.getPromotedMax());
            String mostPerNode = Integer.toString(clone.getPromotedMaxPerNode());
            variables.put("promoted_max", most);
            variables.put("promoted_node_max", mostPerNode);
            // Agents from before Pacemaker 2.1 know these names only.
            variables.put("master_max", most);
            variables.put("master_node_max", mostPerNode);
        }
        return variables;
    }

    /** OCF_RESOURCE_INSTANCE: copies that are not told apart share one name. */
    static String instanceName(Task task) {
        CloneContext clone = task.part().context();
        return clone.getGloballyUnique() ? task.resource() + ":" + clone.getNumber() : task.resource();
    }
}
