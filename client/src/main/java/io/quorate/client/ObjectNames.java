package io.quorate.client;

import io.quorate.v1.AnyObject;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.ResourceServiceGrpc;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Names of objects as people type them and as the API knows them. */
public final class ObjectNames {
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("resource", "resources"),
            Map.entry("resources", "resources"),
            Map.entry("group", "groups"),
            Map.entry("groups", "groups"),
            Map.entry("clone", "clones"),
            Map.entry("clones", "clones"),
            Map.entry("node", "nodes"),
            Map.entry("nodes", "nodes"),
            Map.entry("fencedevice", "fenceDevices"),
            Map.entry("fencedevices", "fenceDevices"),
            Map.entry("fence-device", "fenceDevices"),
            Map.entry("fence-devices", "fenceDevices"),
            Map.entry("location", "locations"),
            Map.entry("locations", "locations"),
            Map.entry("colocation", "colocations"),
            Map.entry("colocations", "colocations"),
            Map.entry("order", "orders"),
            Map.entry("orders", "orders"),
            Map.entry("ticketconstraint", "ticketConstraints"),
            Map.entry("ticketconstraints", "ticketConstraints"),
            Map.entry("ticket-constraint", "ticketConstraints"),
            Map.entry("ticket-constraints", "ticketConstraints"),
            Map.entry("fenceplan", "fencePlans"),
            Map.entry("fenceplans", "fencePlans"),
            Map.entry("fence-plan", "fencePlans"),
            Map.entry("fence-plans", "fencePlans"));

    private ObjectNames() {}

    /** The kinds in the API's words. */
    public static List<String> kinds() {
        return List.of(
                "resources",
                "groups",
                "clones",
                "nodes",
                "fenceDevices",
                "fencePlans",
                "locations",
                "colocations",
                "orders",
                "ticketConstraints");
    }

    /** Whether the word names a kind, in singular or plural. */
    public static boolean isKind(String word) {
        return KINDS.containsKey(word.toLowerCase(Locale.ROOT));
    }

    /** The API's word for a kind: {@code Group} is {@code groups}. */
    public static String kind(String word) {
        String kind = KINDS.get(word.toLowerCase(Locale.ROOT));
        if (kind == null) {
            throw QuorateException.of(
                            Category.INVALID,
                            "UNKNOWN_KIND",
                            "\"" + word + "\" is no kind (" + String.join(", ", kinds()) + " are)")
                    .build();
        }
        return kind;
    }

    /** {@code node/n1} is {@code nodes/n1}; a bare name stays as it is. */
    public static String object(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? text : kind(text.substring(0, slash)) + text.substring(slash);
    }

    /** The key of an object, looked up when only its bare name is given. */
    public static String resolve(QuorateClient client, String text) {
        String object = object(text);
        if (object.indexOf('/') >= 0) {
            return object;
        }
        GetObjectRequest request =
                GetObjectRequest.newBuilder().setObject(object).build();
        return key(
                client.read(ResourceServiceGrpc.getGetObjectMethod(), request).getObject());
    }

    /** {@code groups/web}; empty for an object of a kind that this client does not know. */
    public static String key(AnyObject object) {
        String name = meta(object).getName();
        return switch (object.getObjectCase()) {
            case RESOURCE -> "resources/" + name;
            case GROUP -> "groups/" + name;
            case CLONE -> "clones/" + name;
            case FENCE_DEVICE -> "fenceDevices/" + name;
            case FENCE_PLAN -> "fencePlans/" + name;
            case NODE -> "nodes/" + name;
            case LOCATION -> "locations/" + name;
            case COLOCATION -> "colocations/" + name;
            case ORDER -> "orders/" + name;
            case TICKET_CONSTRAINT -> "ticketConstraints/" + name;
            case OBJECT_NOT_SET -> "";
        };
    }

    public static ObjectMeta meta(AnyObject object) {
        return switch (object.getObjectCase()) {
            case RESOURCE -> object.getResource().getMeta();
            case GROUP -> object.getGroup().getMeta();
            case CLONE -> object.getClone().getMeta();
            case FENCE_DEVICE -> object.getFenceDevice().getMeta();
            case FENCE_PLAN -> object.getFencePlan().getMeta();
            case NODE -> object.getNode().getMeta();
            case LOCATION -> object.getLocation().getMeta();
            case COLOCATION -> object.getColocation().getMeta();
            case ORDER -> object.getOrder().getMeta();
            case TICKET_CONSTRAINT -> object.getTicketConstraint().getMeta();
            case OBJECT_NOT_SET -> ObjectMeta.getDefaultInstance();
        };
    }
}
