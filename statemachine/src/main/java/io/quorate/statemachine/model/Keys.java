package io.quorate.statemachine.model;

import io.quorate.v1.Manifest;

/** Keys of objects: {@code TABLE/NAME}, as in read sets, compare-and-set maps, events and messages. */
public final class Keys {
    public static final String RESOURCES = "resources/";
    public static final String GROUPS = "groups/";
    public static final String CLONES = "clones/";
    public static final String FENCE_DEVICES = "fenceDevices/";
    public static final String FENCE_PLANS = "fencePlans/";
    public static final String LOCATIONS = "locations/";
    public static final String COLOCATIONS = "colocations/";
    public static final String ORDERS = "orders/";
    public static final String TICKET_CONSTRAINTS = "ticketConstraints/";
    public static final String NODE_SPECS = "nodeSpecs/";
    public static final String NODES = "nodes/";
    public static final String INSTANCES = "instances/";
    public static final String ATTRIBUTES = "/attributes/";
    public static final String TICKETS = "tickets/";
    /** Of tickets between sites; {@link #TICKETS} are those of fences. */
    public static final String SITE_TICKETS = "siteTickets/";

    public static final String OPERATIONS = "operations/";
    public static final String SETTINGS = "settings";

    private Keys() {}

    public static String resource(String name) {
        return RESOURCES + name;
    }

    public static String group(String name) {
        return GROUPS + name;
    }

    public static String clone(String name) {
        return CLONES + name;
    }

    public static String node(String name) {
        return NODES + name;
    }

    public static String nodeSpec(String name) {
        return NODE_SPECS + name;
    }

    public static String instance(String id) {
        return INSTANCES + id;
    }

    public static String attribute(String node, String name) {
        return NODES + node + ATTRIBUTES + name;
    }

    /** The key of a ticket between sites. */
    public static String siteTicket(String name) {
        return SITE_TICKETS + name;
    }

    /** What follows the table: {@code groups/web} → {@code web}. */
    public static String bare(String key) {
        return key.substring(key.indexOf('/') + 1);
    }

    /** The key of the object that a manifest describes; settings have no name. */
    public static String of(Manifest manifest) {
        String name = manifest.getMeta().getName();
        return switch (manifest.getSpecCase()) {
            case RESOURCE -> resource(name);
            case GROUP -> group(name);
            case CLONE -> clone(name);
            case FENCE_DEVICE -> FENCE_DEVICES + name;
            case FENCE_PLAN -> FENCE_PLANS + name;
            case NODE -> nodeSpec(name);
            case LOCATION -> LOCATIONS + name;
            case COLOCATION -> COLOCATIONS + name;
            case ORDER -> ORDERS + name;
            case TICKET_CONSTRAINT -> TICKET_CONSTRAINTS + name;
            case SETTINGS -> SETTINGS;
            case SPEC_NOT_SET -> throw new IllegalArgumentException("a manifest without a spec");
        };
    }
}
