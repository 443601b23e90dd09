package io.quorate.server.api;

import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.SiteTickets;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.ChangeTicketRequest;
import io.quorate.v1.ChangeTicketResponse;
import io.quorate.v1.ListTicketsRequest;
import io.quorate.v1.ListTicketsResponse;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Role;
import io.quorate.v1.SiteTicket;
import io.quorate.v1.TicketServiceGrpc;
import io.quorate.v1.TicketUse;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Tickets that clusters at several sites share. */
final class TicketServiceImpl extends TicketServiceGrpc.TicketServiceImplBase {
    private final ServiceSupport support;

    TicketServiceImpl(ServiceSupport support) {
        this.support = support;
    }

    @Override
    public void listTickets(ListTicketsRequest request, StreamObserver<ListTicketsResponse> observer) {
        support.read(observer, request.getRead(), view -> {
            SortedMap<String, SiteTicket> tickets = tickets(view.state());
            String wanted = request.getTicket();
            if (!wanted.isEmpty() && !tickets.containsKey(wanted)) {
                throw ApiException.notFound(Keys.siteTicket(wanted));
            }
            ListTicketsResponse.Builder response =
                    ListTicketsResponse.newBuilder().setHeader(view.header());
            tickets.values().stream()
                    .filter(ticket -> wanted.isEmpty() || ticket.getName().equals(wanted))
                    .forEach(response::addTickets);
            return response.build();
        });
    }

    /** Those that were ever granted, and those that something needs, with what needs them. */
    static SortedMap<String, SiteTicket> tickets(ClusterState state) {
        SortedMap<String, SiteTicket.Builder> tickets = new TreeMap<>();
        for (SiteTicketRow row : state.siteTickets().values()) {
            tickets.put(row.getName(), Projection.siteTicket(row).toBuilder());
        }
        for (List<Need> needs : SiteTickets.all(state).values()) {
            for (Need need : needs) {
                tickets.computeIfAbsent(
                                need.ticket(), name -> SiteTicket.newBuilder().setName(name))
                        .addUses(use(state, need));
            }
        }
        Comparator<TicketUse> order =
                Comparator.comparing(TicketUse::getConstraint).thenComparing(TicketUse::getUnit);
        SortedMap<String, SiteTicket> built = new TreeMap<>();
        tickets.forEach((name, ticket) -> {
            List<TicketUse> uses = ticket.getUsesList().stream().sorted(order).toList();
            built.put(name, ticket.clearUses().addAllUses(uses).build());
        });
        return built;
    }

    private static TicketUse use(ClusterState state, Need need) {
        ObjectRow unit = state.object(need.unit());
        boolean promotions = need.promotedOnly() && need.lossPolicy() != LossPolicy.LOSS_POLICY_STOP;
        NavigableSet<String> nodes = new TreeSet<>();
        for (InstanceRow instance : unit == null ? List.<InstanceRow>of() : Units.instances(state, unit)) {
            if (instance.hasOwnership() && (!promotions || Clones.isPromotion(instance))) {
                nodes.add(instance.getOwnership().getNode());
            }
        }
        return TicketUse.newBuilder()
                .setConstraint(need.constraint())
                .setUnit(need.unit())
                .setRole(need.promotedOnly() ? Role.ROLE_PROMOTED : Role.ROLE_STARTED)
                .setLossPolicy(need.lossPolicy())
                .addAllNodes(nodes)
                .build();
    }

    @Override
    public void changeTicket(ChangeTicketRequest request, StreamObserver<ChangeTicketResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setChangeTicket(
                        ChangeTicket.newBuilder().setTicket(request.getTicket()).setAction(request.getAction())),
                outcome -> ChangeTicketResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setOperation(OperationServiceImpl.operationOf(outcome.result()))
                        .build());
    }
}
