package io.quorate.client.cli;

import io.quorate.client.cli.text.ConstraintTables;
import io.quorate.client.cli.text.Tables;
import io.quorate.client.cli.text.Unit;
import io.quorate.v1.AnyObject;
import io.quorate.v1.FenceDevice;
import io.quorate.v1.FencePlan;
import io.quorate.v1.Node;
import io.quorate.v1.Resource;
import java.util.ArrayList;
import java.util.List;

/** Objects of the API as text. */
public final class ObjectText {
    private ObjectText() {}

    /** A table for each kind that is there. */
    public static String tables(List<AnyObject> objects, long nowMillis, boolean wide) {
        List<Unit> units = new ArrayList<>();
        List<Resource> members = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        List<FenceDevice> devices = new ArrayList<>();
        List<FencePlan> plans = new ArrayList<>();
        List<AnyObject> locations = new ArrayList<>();
        List<AnyObject> colocations = new ArrayList<>();
        List<AnyObject> orders = new ArrayList<>();
        List<AnyObject> tickets = new ArrayList<>();
        for (AnyObject object : objects) {
            switch (object.getObjectCase()) {
                case CLONE -> units.add(Unit.of(object.getClone()));
                case GROUP -> {
                    if (Unit.isUnit(object.getGroup())) {
                        units.add(Unit.of(object.getGroup()));
                    }
                }
                case RESOURCE -> {
                    if (Unit.isUnit(object.getResource())) {
                        units.add(Unit.of(object.getResource()));
                    } else {
                        members.add(object.getResource());
                    }
                }
                case NODE -> nodes.add(object.getNode());
                case FENCE_DEVICE -> devices.add(object.getFenceDevice());
                case FENCE_PLAN -> plans.add(object.getFencePlan());
                case LOCATION -> locations.add(object);
                case COLOCATION -> colocations.add(object);
                case ORDER -> orders.add(object);
                case TICKET_CONSTRAINT -> tickets.add(object);
                case OBJECT_NOT_SET -> {}
            }
        }
        List<String> tables = new ArrayList<>();
        if (!units.isEmpty()) {
            tables.add(Tables.units(units, nowMillis, wide));
        }
        if (!members.isEmpty()) {
            tables.add(Tables.groupMembers(members));
        }
        if (!nodes.isEmpty()) {
            tables.add(Tables.nodes(nodes, nowMillis, wide));
        }
        if (!devices.isEmpty()) {
            tables.add(Tables.fenceDevices(devices));
        }
        if (!plans.isEmpty()) {
            tables.add(Tables.fencePlans(plans));
        }
        if (!locations.isEmpty()) {
            tables.add(ConstraintTables.constraints("LOCATION", locations));
        }
        if (!colocations.isEmpty()) {
            tables.add(ConstraintTables.constraints("COLOCATION", colocations));
        }
        if (!orders.isEmpty()) {
            tables.add(ConstraintTables.constraints("ORDER", orders));
        }
        if (!tickets.isEmpty()) {
            tables.add(ConstraintTables.constraints("TICKET CONSTRAINT", tickets));
        }
        return tables.isEmpty() ? "none\n" : String.join("\n", tables);
    }
}
