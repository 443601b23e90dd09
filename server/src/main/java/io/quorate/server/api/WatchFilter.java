package io.quorate.server.api;

import io.quorate.client.manifest.NearestName;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.AnyObject;
import io.quorate.v1.StateChange;
import io.quorate.v1.WatchStateRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which public objects a commit touched, and what they are after it. A status changes with rows of other tables: an
 * instance's row shows in its unit, in the unit's members and in the nodes that own it.
 *
 * <p>Events are lines of history: a snapshot carries none (ListEvents does), and their removal is no change.
 */
final class WatchFilter {
    private static final String EVENTS = "events/";
    private static final Set<String> UNLABELLED = Set.of(Keys.OPERATIONS, Keys.TICKETS, Keys.SITE_TICKETS);

    private static final NavigableSet<String> KINDS = new TreeSet<>(Stream.concat(
                    Projection.KINDS.keySet().stream(),
                    Stream.of(Keys.OPERATIONS, Keys.TICKETS, Keys.SITE_TICKETS, EVENTS)
                            .map(table -> table.substring(0, table.length() - 1)))
            .toList());

    private final Set<String> kinds;
    private final Set<String> names;
    private final LabelSelector selector;
    private final Projections projections;

    /** @throws ApiException for a kind that is none or has no labels: a watch of nothing would look like a quiet cluster */
    WatchFilter(WatchStateRequest request, Projections projections) {
        this.projections = projections;
        request.getKindsList().forEach(WatchFilter::requireKnown);
        kinds = Set.copyOf(request.getKindsList());
        names = Set.copyOf(request.getNamesList());
        selector = LabelSelector.parse(request.getLabelSelector());
        request.getKindsList().stream()
                .filter(kind -> !selector.isEmpty() && UNLABELLED.contains(kind + "/"))
                .forEach(kind -> {
                    throw ApiException.invalid(kind + " have no labels: watch them without label_selector");
                });
    }

    private static void requireKnown(String kind) {
        if (!KINDS.contains(kind)) {
            List<String> near = NearestName.nearest(kind, KINDS, 3);
            throw ApiException.invalid("no such kind: " + kind
                    + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?") + " Known: "
                    + String.join(", ", KINDS));
        }
    }

    /** The filtered changes of one revision, each object once, in order of key. */
    List<StateChange> changes(WatchHub.Revision revision) {
        Set<String> touched = new TreeSet<>();
        for (Change change : revision.commit().changes()) {
            touch(change, revision, touched);
        }
        Projection after = projections.of(revision.after());
        Projection before = new Projection(revision.before());
        List<StateChange> changes = new ArrayList<>();
        for (String key : touched) {
            if (isWantedKind(key)) {
                boolean isIn = key.startsWith(EVENTS) ? concerns(key, revision) : isSelected(key, revision.after());
                Optional<StateChange> now = isIn ? wanted(after, key) : Optional.empty();
                now.or(() -> deleted(before, key)).ifPresent(changes::add);
            }
        }
        return changes;
    }

    private boolean isSelected(String key, ClusterState state) {
        return selector.isEmpty()
                || (UNLABELLED.stream().noneMatch(key::startsWith) && selector.matches(Labels.of(state, key)));
    }

    /** What an event is about may have gone, or got other labels, in the very commit. */
    private boolean concerns(String event, WatchHub.Revision revision) {
        EventRow row = revision.after().events().get(Long.parseLong(Keys.bare(event)));
        return row != null
                && (isSelected(row.getObject(), revision.after()) || isSelected(row.getObject(), revision.before()));
    }

    private Optional<StateChange> wanted(Projection projection, String key) {
        return render(projection, key).filter(this::isWantedName);
    }

    /** All filtered objects of a state, in chunks. */
    Iterator<List<StateChange>> snapshot(ClusterState state, int chunk) {
        List<String> keys = Stream.of(
                        state.objects().keySet().stream().filter(key -> !key.startsWith(Keys.NODE_SPECS)),
                        state.nodes().keySet().stream().map(Keys::node),
                        state.operations().keySet().stream().map(id -> Keys.OPERATIONS + id),
                        state.tickets().keySet().stream().map(id -> Keys.TICKETS + id),
                        state.siteTickets().keySet().stream().map(Keys::siteTicket))
                .flatMap(stream -> stream)
                .filter(key -> isWantedKind(key) && isSelected(key, state))
                .toList();
        Projection projection = projections.of(state);
        return Stream.iterate(0, from -> from < keys.size(), from -> from + chunk)
                .map(from -> keys.subList(from, Math.min(keys.size(), from + chunk)).stream()
                        .flatMap(key -> wanted(projection, key).stream())
                        .toList())
                .filter(changes -> !changes.isEmpty())
                .iterator();
    }

    private void touch(Change change, WatchHub.Revision revision, Set<String> touched) {
        switch (change.getRowCase()) {
            case OBJECT -> touchObject(change.getObject().getKey(), revision, touched);
            case NODE -> touched.add(Keys.node(change.getNode().getName()));
            case ATTRIBUTE -> touched.add(Keys.node(change.getAttribute().getNode()));
            case INSTANCE -> {
                touchInstance(revision.before(), change.getInstance().getId(), touched);
                touchInstance(revision.after(), change.getInstance().getId(), touched);
            }
            case TICKET -> touched.add(Keys.TICKETS + change.getTicket().getId());
            case SITE_TICKET ->
                touched.add(Keys.siteTicket(change.getSiteTicket().getName()));
            case OPERATION ->
                touched.add(Keys.OPERATIONS + change.getOperation().getId());
            case EVENT -> {
                if (!change.getDeleted()) {
                    touched.add(EVENTS + change.getEvent().getSequence());
                }
            }
            case META, SETTINGS, VOTER, JOIN_TOKEN, LEDGER, ROW_NOT_SET -> {}
        }
    }

    private static void touchObject(String key, WatchHub.Revision revision, Set<String> touched) {
        if (key.startsWith(Keys.NODE_SPECS)) {
            touched.add(Keys.node(Keys.bare(key)));
            return;
        }
        touched.add(key);
        for (ClusterState state : List.of(revision.before(), revision.after())) {
            ObjectRow row = state.object(key);
            if (row != null && Units.isUnit(row)) {
                touchInner(state, row, touched);
            }
        }
    }

    private static void touchInner(ClusterState state, ObjectRow unit, Set<String> touched) {
        ObjectRow copied = unit.hasClone() ? Clones.copied(state, unit) : null;
        if (copied != null) {
            touched.add(copied.getKey());
        }
        Units.members(state, unit).forEach(member -> touched.add(member.getKey()));
    }

    private static void touchInstance(ClusterState state, String id, Set<String> touched) {
        InstanceRow row = state.instance(id);
        if (row == null) {
            return;
        }
        if (row.hasOwnership()) {
            touched.add(Keys.node(row.getOwnership().getNode()));
        }
        ObjectRow unit = Units.of(state, row);
        if (unit != null) {
            touched.add(unit.getKey());
            touchInner(state, unit, touched);
        }
    }

    private Optional<StateChange> render(Projection projection, String key) {
        ClusterState state = projection.state();
        StateChange.Builder change = StateChange.newBuilder().setObject(key);
        if (key.startsWith(Keys.OPERATIONS)) {
            OperationRow row = state.operations().get(Keys.bare(key));
            return row == null
                    ? Optional.empty()
                    : Optional.of(change.setOperation(projection.operation(row)).build());
        }
        if (key.startsWith(Keys.TICKETS)) {
            FenceTicketRow row = state.tickets().get(Keys.bare(key));
            return row == null
                    ? Optional.empty()
                    : Optional.of(change.setTicket(Projection.ticket(row)).build());
        }
        if (key.startsWith(Keys.SITE_TICKETS)) {
            SiteTicketRow row = state.siteTickets().get(Keys.bare(key));
            return row == null
                    ? Optional.empty()
                    : Optional.of(
                            change.setSiteTicket(Projection.siteTicket(row)).build());
        }
        if (key.startsWith(EVENTS)) {
            EventRow row = state.events().get(Long.parseLong(Keys.bare(key)));
            return row == null
                    ? Optional.empty()
                    : Optional.of(change.setEvent(Projection.event(row)).build());
        }
        return projection.any(key).map(any -> with(change, any));
    }

    private static StateChange with(StateChange.Builder change, AnyObject any) {
        switch (any.getObjectCase()) {
            case RESOURCE -> change.setResource(any.getResource());
            case GROUP -> change.setGroup(any.getGroup());
            case CLONE -> change.setClone(any.getClone());
            case FENCE_DEVICE -> change.setFenceDevice(any.getFenceDevice());
            case FENCE_PLAN -> change.setFencePlan(any.getFencePlan());
            case LOCATION -> change.setLocation(any.getLocation());
            case COLOCATION -> change.setColocation(any.getColocation());
            case ORDER -> change.setOrder(any.getOrder());
            case TICKET_CONSTRAINT -> change.setTicketConstraint(any.getTicketConstraint());
            case NODE -> change.setNode(any.getNode());
            case OBJECT_NOT_SET -> throw new IllegalStateException("an object without a kind");
        }
        return change.build();
    }

    /** What is wanted no more, for it is gone or has got other labels. What never was sent is not deleted either. */
    private Optional<StateChange> deleted(Projection before, String key) {
        return !isSelected(key, before.state())
                ? Optional.empty()
                : wanted(before, key)
                        .map(gone -> StateChange.newBuilder()
                                .setObject(key)
                                .setDeleted(true)
                                .build());
    }

    private boolean isWantedKind(String key) {
        return kinds.isEmpty() || kinds.contains(key.substring(0, key.indexOf('/')));
    }

    private boolean isWantedName(StateChange change) {
        if (names.isEmpty() || names.contains(Keys.bare(change.getObject()))) {
            return true;
        }
        return switch (change.getNowCase()) {
            case EVENT -> names.contains(bare(change.getEvent().getObject()));
            case OPERATION ->
                names.contains(change.getOperation().getNode())
                        || change.getOperation().getObjectsList().stream().anyMatch(key -> names.contains(bare(key)));
            case TICKET -> names.contains(change.getTicket().getNode());
            case RESOURCE,
                    GROUP,
                    CLONE,
                    NODE,
                    FENCE_DEVICE,
                    FENCE_PLAN,
                    LOCATION,
                    COLOCATION,
                    ORDER,
                    TICKET_CONSTRAINT,
                    SITE_TICKET,
                    NOW_NOT_SET -> false;
        };
    }

    private static String bare(String key) {
        return Keys.bare(key);
    }
}
