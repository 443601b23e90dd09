package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.Event;
import io.quorate.v1.HistoryServiceGrpc;
import io.quorate.v1.ListEventsRequest;
import io.quorate.v1.ListEventsResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What happened, newest page first, each page in order. */
final class HistoryServiceImpl extends HistoryServiceGrpc.HistoryServiceImplBase {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 1_000;

    private final ServiceSupport support;

    HistoryServiceImpl(ServiceSupport support) {
        this.support = support;
    }

    @Override
    public void listEvents(ListEventsRequest request, StreamObserver<ListEventsResponse> observer) {
        support.read(
                observer,
                request.getRead(),
                view -> ListEventsResponse.newBuilder()
                        .setHeader(view.header())
                        .addAllEvents(events(view.state(), request))
                        .build());
    }

    private static List<Event> events(ClusterState state, ListEventsRequest request) {
        if (request.getLimit() < 0) {
            throw ApiException.invalid("limit is negative: " + request.getLimit());
        }
        int limit = request.getLimit() == 0 ? DEFAULT_LIMIT : Math.min(request.getLimit(), MAX_LIMIT);
        Set<String> wanted = wanted(state, request.getObject());
        List<Event> events = new ArrayList<>();
        for (EventRow row : state.events().descendingMap().values()) {
            boolean inRange = request.getBeforeSequence() == 0 || row.getSequence() < request.getBeforeSequence();
            if (inRange && (wanted.isEmpty() || wanted.contains(row.getObject()))) {
                events.add(Projection.event(row));
                if (events.size() == limit) {
                    break;
                }
            }
        }
        Collections.reverse(events);
        return events;
    }

    /** Keys that a name stands for: of a unit also what is inside it, of a bare name whatever carries it; empty = all. */
    static Set<String> wanted(ClusterState state, String object) {
        if (object.isEmpty()) {
            return Set.of();
        }
        Set<String> keys = new HashSet<>();
        if (object.indexOf('/') >= 0) {
            keys.add(object);
        } else {
            keys.addAll(List.of(
                    Keys.clone(object),
                    Keys.group(object),
                    Keys.resource(object),
                    Keys.instance(object),
                    Keys.node(object),
                    Keys.siteTicket(object),
                    object));
        }
        for (String key : List.copyOf(keys)) {
            ObjectRow row = state.object(key);
            if (row == null) {
                continue;
            }
            ObjectRow copied = row.hasClone() ? Clones.copied(state, row) : null;
            if (copied != null) {
                keys.add(copied.getKey());
            }
            if (row.hasGroup() || row.hasClone()) {
                Units.members(state, row).forEach(member -> keys.add(member.getKey()));
            }
            Units.instances(state, row).forEach(instance -> keys.add(Keys.instance(instance.getId())));
            keys.add(Keys.instance(Keys.bare(key)));
            keys.add(Keys.instance(Migrations.arrivalId(Keys.bare(key))));
        }
        return keys;
    }
}
