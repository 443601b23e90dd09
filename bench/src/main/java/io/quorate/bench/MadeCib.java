package io.quorate.bench;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A made-up cluster as Pacemaker's CIB, in which at most one thing has just happened. */
final class MadeCib {
    /** What has just happened. */
    enum Event {
        NOTHING("quiet"),
        /** The last node is away, nobody knows what it does, and it has to be fenced. */
        NODE_LOST("node lost"),
        /** One resource is found dead by its monitor. */
        MONITOR_FAILED("monitor failed");

        final String inWords;

        Event(String inWords) {
            this.inWords = inWords;
        }
    }

    /** Of no parameters, and of none with a timeout of 20 s: what was started is what is configured. */
    private static final String DIGEST = "f2317cad3d54cec5d7d7aa7d0bf35cf8";

    private static final String MONITOR_DIGEST = "4811cef7f7f94e3a35a70be7916cb2fd";

    private final MadeCluster cluster;
    private final Event event;
    private final StringBuilder out = new StringBuilder();
    private int calls;

    private MadeCib(MadeCluster cluster, Event event) {
        this.cluster = cluster;
        this.event = event;
    }

    static String text(MadeCluster cluster, Event event) {
        MadeCib cib = new MadeCib(cluster, event);
        cib.write();
        return cib.out.toString();
    }

    static void write(MadeCluster cluster, Event event, Path file) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            writer.write(text(cluster, event));
        }
    }

    private static String node(int number) {
        return MadeCluster.name("node", number + 1);
    }

    /** One element on a line; its attributes by turns name and value. */
    private void line(String element, boolean open, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(attributes[i + 1])
                    .append('"');
        }
        out.append(open ? ">\n" : "/>\n");
    }

    private void end(String... elements) {
        for (String element : elements) {
            out.append("</").append(element).append(">\n");
        }
    }

    private void write() {
        line(
                "cib",
                true,
                "crm_feature_set",
                "3.16.2",
                "validate-with",
                "pacemaker-3.9",
                "epoch",
                "1",
                "num_updates",
                "1",
                "admin_epoch",
                "0",
                "have-quorum",
                "1",
                "dc-uuid",
                "1");
        line("configuration", true);
        options();
        line("nodes", true);
        for (int i = 0; i < cluster.nodes; i++) {
            line("node", false, "id", Integer.toString(i + 1), "uname", node(i));
        }
        end("nodes");
        resources();
        constraints();
        end("configuration");
        status();
        end("cib");
    }

    private void options() {
        line("crm_config", true);
        line("cluster_property_set", true, "id", "options");
        // Every node has been asked already what it runs: as in a cluster that has been up for a while.
        List<String> options = List.of("stonith-enabled", "true", "enable-startup-probes", "false");
        for (int i = 0; i < options.size(); i += 2) {
            line(
                    "nvpair",
                    false,
                    "id",
                    "options-" + options.get(i),
                    "name",
                    options.get(i),
                    "value",
                    options.get(i + 1));
        }
        end("cluster_property_set", "crm_config");
        line("rsc_defaults", true);
        line("meta_attributes", true, "id", "defaults");
        line(
                "nvpair",
                false,
                "id",
                "defaults-stickiness",
                "name",
                "resource-stickiness",
                "value",
                Integer.toString(MadeCluster.STICKINESS));
        end("meta_attributes", "rsc_defaults");
    }

    private void resources() {
        line("resources", true);
        primitive("fence", "stonith", "fence_xvm");
        for (MadeCluster.Unit unit : cluster.units) {
            if (unit.isGroup()) {
                line("group", true, "id", unit.id);
            }
            unit.primitives.forEach(id -> primitive(id, "ocf", "Dummy"));
            if (unit.isGroup()) {
                end("group");
            }
        }
        end("resources");
    }

    private void primitive(String id, String kind, String type) {
        List<String> attributes = new ArrayList<>(List.of("id", id, "class", kind));
        if (kind.equals("ocf")) {
            attributes.addAll(List.of("provider", "pacemaker"));
        }
        attributes.addAll(List.of("type", type));
        line("primitive", true, attributes.toArray(String[]::new));
        line("operations", true);
        line("op", false, "id", id + "-monitor", "name", "monitor", "interval", "10s", "timeout", "20s");
        end("operations", "primitive");
    }

    private void constraints() {
        line("constraints", true);
        int number = 0;
        for (MadeCluster.Location rule : cluster.locations) {
            String id = MadeCluster.name("location", ++number);
            String score = score(rule.binding(), MadeCluster.PREFERENCE);
            line("rsc_location", false, "id", id, "rsc", rule.unit().id, "node", node(rule.node()), "score", score);
        }
        for (MadeCluster.Colocation rule : cluster.colocations) {
            String id = MadeCluster.name("colocation", ++number);
            String score = score(rule.binding(), MadeCluster.STICKINESS);
            line(
                    "rsc_colocation",
                    false,
                    "id",
                    id,
                    "rsc",
                    rule.dependent().id,
                    "with-rsc",
                    rule.primary().id,
                    "score",
                    score);
        }
        for (MadeCluster.Order rule : cluster.orders) {
            String id = MadeCluster.name("order", ++number);
            String kind = rule.binding() == MadeCluster.Binding.MUST ? "Mandatory" : "Optional";
            line("rsc_order", false, "id", id, "first", rule.first().id, "then", rule.then().id, "kind", kind);
        }
        end("constraints");
    }

    private static String score(MadeCluster.Binding binding, int should) {
        return switch (binding) {
            case MUST -> "INFINITY";
            case SHOULD -> Integer.toString(should);
            case MUST_NOT -> "-INFINITY";
        };
    }

    private void status() {
        List<List<String>> running = new ArrayList<>();
        for (int i = 0; i < cluster.nodes; i++) {
            running.add(new ArrayList<>());
        }
        running.get(0).add("fence");
        cluster.units.forEach(unit -> running.get(unit.node).addAll(unit.primitives));
        line("status", true);
        for (int i = 0; i < cluster.nodes; i++) {
            state(i, running.get(i));
        }
        end("status");
    }

    private void state(int number, List<String> running) {
        boolean lost = event == Event.NODE_LOST && number == cluster.nodes - 1;
        String id = Integer.toString(number + 1);
        line(
                "node_state",
                true,
                "id",
                id,
                "uname",
                node(number),
                "in_ccm",
                Boolean.toString(!lost),
                "crmd",
                lost ? "offline" : "online",
                "join",
                lost ? "down" : "member",
                "expected",
                "member");
        line("lrm", true, "id", id);
        line("lrm_resources", true);
        String failed = event == Event.MONITOR_FAILED ? victim() : "";
        running.forEach(primitive -> history(primitive, number, primitive.equals(failed)));
        end("lrm_resources", "lrm", "node_state");
    }

    /** In the middle of the configuration. */
    private String victim() {
        return cluster.units.get(cluster.units.size() / 2).primitives.get(0);
    }

    private void history(String primitive, int node, boolean failed) {
        if (primitive.equals("fence")) {
            line("lrm_resource", true, "id", primitive, "class", "stonith", "type", "fence_xvm");
        } else {
            line("lrm_resource", true, "id", primitive, "class", "ocf", "provider", "pacemaker", "type", "Dummy");
        }
        operation(primitive, "last_0", "start", 0, node, 0);
        operation(primitive, "monitor_10000", "monitor", 10_000, node, 0);
        if (failed) {
            operation(primitive, "last_failure_0", "monitor", 10_000, node, 7);
        }
        end("lrm_resource");
    }

    private void operation(String primitive, String id, String name, int interval, int node, int result) {
        calls++;
        String key = calls + ":1:0:00000000-0000-0000-0000-000000000000";
        line(
                "lrm_rsc_op",
                false,
                "id",
                primitive + "_" + id,
                "operation_key",
                primitive + "_" + name + "_" + interval,
                "operation",
                name,
                "crm_feature_set",
                "3.16.2",
                "transition-key",
                key,
                "transition-magic",
                "0:" + result + ";" + key,
                "on_node",
                node(node),
                "call-id",
                Integer.toString(calls),
                "rc-code",
                Integer.toString(result),
                "op-status",
                "0",
                "interval",
                Integer.toString(interval),
                "last-rc-change",
                "1700000000",
                "exec-time",
                "10",
                "queue-time",
                "0",
                "op-digest",
                interval == 0 ? DIGEST : MONITOR_DIGEST);
    }
}
