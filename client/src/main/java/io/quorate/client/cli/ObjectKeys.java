package io.quorate.client.cli;

import io.quorate.client.cli.text.Unit;
import io.quorate.v1.AnyObject;
import io.quorate.v1.Manifest;
import java.util.Optional;

/** Keys of what files say, and units of what the API answers. */
public final class ObjectKeys {
    private ObjectKeys() {}

    /** {@code groups/web}. */
    public static String of(Manifest manifest) {
        String name = manifest.getMeta().getName();
        return switch (manifest.getSpecCase()) {
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
            case SETTINGS -> "settings";
            case SPEC_NOT_SET -> name;
        };
    }

    /** A clone, or a group or resource that is in no other unit; empty for anything else. */
    public static Optional<Unit> unit(AnyObject object) {
        return switch (object.getObjectCase()) {
            case CLONE -> Optional.of(Unit.of(object.getClone()));
            case GROUP -> Optional.of(object.getGroup()).filter(Unit::isUnit).map(Unit::of);
            case RESOURCE ->
                Optional.of(object.getResource()).filter(Unit::isUnit).map(Unit::of);
            default -> Optional.empty();
        };
    }
}
