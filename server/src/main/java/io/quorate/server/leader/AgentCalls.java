package io.quorate.server.leader;

import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.Refusal;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.RegisterNode;
import io.quorate.server.raft.RaftPort;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.ResponseHeader;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The agent plane without its wire: each call as a future. Thread-safe. */
final class AgentCalls {
    private final RaftPort raft;
    private final LeaderLoop loop;

    AgentCalls(RaftPort raft, LeaderLoop loop) {
        this.raft = raft;
        this.loop = loop;
    }

    /** Answered after the registration is committed. Refused before it is tried for another cluster or lost history. */
    CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
        return raft.readLinearizable().thenCompose(state -> {
            requireSameHistory(request, state);
            NodeRow row = state.node(request.getNode());
            boolean repeated = row != null
                    && row.getSessionNonce().equals(request.getSessionNonce())
                    && LeaseAuthority.isInContact(row);
            if (row != null && repeated) {
                return CompletableFuture.completedFuture(registered(state, row.getIncarnation(), row.getSession()));
            }
            // The same process may register again once it was declared lost: that is another request.
            String requestId = "register-"
                    + HexFormat.of().formatHex(request.getSessionNonce().toByteArray())
                    + "-" + (row == null ? 0 : row.getRevision());
            Command command = command(request.getNode(), requestId)
                    .setRegisterNode(registration(request))
                    .build();
            return raft.propose(command).thenApply(result -> {
                if (result.getCode() != 0) {
                    throw AgentErrors.refused(result);
                }
                return registered(raft.applied(), result.getNumber(), result.getSession());
            });
        });
    }

    private static RegisterNode.Builder registration(RegisterAgentRequest request) {
        RegisterNode.Builder register = RegisterNode.newBuilder()
                .setNode(request.getNode())
                .setMachine(request.getMachine())
                .setSessionNonce(request.getSessionNonce())
                .setProcessId(request.getProcessId())
                .setLevelMin(request.getLevelMin())
                .setLevelMax(request.getLevelMax())
                .setVersion(request.getVersion())
                .addAllAddresses(request.getAddressesList())
                .addAllAutostartUnits(request.getAutostartUnitsList())
                .setHighestSeen(request.getHighestSeen());
        return request.hasAgentTypes() ? register.setAgentTypes(request.getAgentTypes()) : register;
    }

    private void requireSameHistory(RegisterAgentRequest request, ClusterState state) {
        String cluster = state.meta().getClusterId();
        if (!request.getClusterId().isEmpty() && !request.getClusterId().equals(cluster)) {
            throw AgentErrors.refused(
                    "OTHER_CLUSTER",
                    "the agent belongs to cluster " + request.getClusterId() + ", this is " + cluster,
                    "quorate join");
        }
        if (Positions.ORDER.compare(request.getHighestSeen(), state.position()) > 0) {
            if (request.getClusterId().isEmpty()) {
                // Whose positions these are it does not say: no proof against this cluster.
                throw AgentErrors.refused(
                        "OTHER_CLUSTER",
                        "the agent has seen position " + Positions.format(request.getHighestSeen())
                                + " of a cluster that it does not know any more, this one is at "
                                + Positions.format(state.position()),
                        "quorate help history-went-back");
            }
            raft.historyWentBack(request.getHighestSeen(), request.getNode());
            throw AgentErrors.refused(
                    RejectCode.HISTORY_WENT_BACK.name(),
                    "the agent has seen position " + Positions.format(request.getHighestSeen())
                            + ", this cluster is at " + Positions.format(state.position()),
                    "quorate help history-went-back");
        }
    }

    private RegisterAgentResponse registered(ClusterState state, long incarnation, long session) {
        Settings settings = state.settings();
        return RegisterAgentResponse.newBuilder()
                .setHeader(header(state))
                .setIncarnation(incarnation)
                .setSession(session)
                .setLease(Settings.duration(settings.leaseMillis()))
                .setRenewEvery(Settings.duration(settings.renewEveryMillis()))
                .setLevel(state.meta().getFeatureLevel())
                .setClusterId(state.meta().getClusterId())
                .build();
    }

    /**
     * @param arrivalNanos when the renewal reached this process, on its monotonic clock
     */
    CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request, long arrivalNanos) {
        CompletableFuture<LeaseAuthority.Confirmed> answer = new CompletableFuture<>();
        loop.inTerm(
                "renewal", term -> term.leases().renew(request, arrivalNanos, answer), answer::completeExceptionally);
        return answer.thenApply(confirmed ->
                confirmed.response().setHeader(header(confirmed.state())).build());
    }

    /** Answered when every part of the report is decided; what was refused is in the reply. */
    CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
        CompletableFuture<ReportResultsResponse> answer = new CompletableFuture<>();
        loop.inTerm(
                "report",
                term -> {
                    answerInquiries(request, term.inquiries());
                    CompletableFuture<List<Refusal>> decided = proposeAll(request, term);
                    Futures.pass(decided.thenApply(this::reply), answer);
                },
                answer::completeExceptionally);
        return answer;
    }

    private ReportResultsResponse reply(List<Refusal> refusals) {
        return ReportResultsResponse.newBuilder()
                .setHeader(header(raft.applied()))
                .addAllRefused(refusals)
                .build();
    }

    private static void answerInquiries(ReportResultsRequest request, Inquiries inquiries) {
        request.getLogsList().forEach(inquiries::logReply);
        request.getFenceChecksList().forEach(inquiries::fenceCheckReply);
        request.getReachRepliesList().forEach(inquiries::reachReply);
    }

    private CompletableFuture<List<Refusal>> proposeAll(ReportResultsRequest request, LeaderTerm term) {
        List<CompletableFuture<CommandResult>> outcomes = new ArrayList<>();
        List<String> objects = new ArrayList<>();
        for (ReportCommands.Item item : ReportCommands.of(request)) {
            objects.add(item.object());
            outcomes.add(propose(request, item.suffix(), item.command()));
        }
        int index = 0;
        for (FenceReport report : request.getFencesList()) {
            String suffix = "f" + index;
            CompletableFuture<CommandResult> outcome = new CompletableFuture<>();
            term.fences()
                    .report(
                            request,
                            report,
                            command -> {
                                CompletableFuture<CommandResult> decided = propose(request, suffix, command);
                                Futures.whenDone(decided, (result, failure) -> {
                                    if (result != null) {
                                        term.context()
                                                .post(
                                                        "fence-reported",
                                                        () -> term.fences().reported(request, report));
                                    }
                                });
                                Futures.pass(decided, outcome);
                            },
                            outcome::completeExceptionally);
            objects.add("tickets/" + report.getTicket());
            outcomes.add(outcome);
            index++;
        }
        return CompletableFuture.allOf(outcomes.toArray(CompletableFuture<?>[]::new))
                .thenApply(unused -> refusals(objects, outcomes));
    }

    private CompletableFuture<CommandResult> propose(
            ReportResultsRequest request, String suffix, Command.Builder command) {
        Command.Builder stamped = command(request.getNode(), request.getReportId() + "-" + suffix);
        return raft.propose(command.setRequestId(stamped.getRequestId())
                .setActor(stamped.getActor())
                .build());
    }

    private static List<Refusal> refusals(List<String> objects, List<CompletableFuture<CommandResult>> outcomes) {
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            CommandResult result = outcomes.get(i).join();
            if (result.getCode() != 0) {
                RejectCode code = RejectCode.of(result.getCode());
                refusals.add(Refusal.newBuilder()
                        .setObject(objects.get(i))
                        .setCode(code == null ? String.valueOf(result.getCode()) : code.name())
                        .setMessage(result.getMessage())
                        .build());
            }
        }
        return refusals;
    }

    /** TicketFresh: open on a confirmed leader, and still this node's to execute. */
    CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
        CompletableFuture<CheckTicketResponse> answer = new CompletableFuture<>();
        loop.inTerm(
                "check-ticket",
                term -> term.rounds()
                        .ask(
                                state -> {
                                    FenceTicketRow row = state.tickets().get(request.getTicket());
                                    boolean open = row != null
                                            && row.getState() == TicketState.TICKET_STATE_OPEN
                                            && term.fences().isOrdered(request.getTicket(), request.getNode());
                                    answer.complete(CheckTicketResponse.newBuilder()
                                            .setHeader(header(state))
                                            .setOpen(open)
                                            .build());
                                },
                                answer::completeExceptionally),
                answer::completeExceptionally);
        return answer;
    }

    private Command.Builder command(String node, String requestId) {
        return Command.newBuilder()
                .setRequestId(requestId)
                .setActor(Actor.newBuilder()
                        .setKind(Actor.Kind.KIND_NODE)
                        .setName(node)
                        .setVia(raft.memberId()));
    }

    private ResponseHeader.Builder header(ClusterState state) {
        return ResponseHeader.newBuilder()
                .setClusterId(state.meta().getClusterId())
                .setPosition(state.position())
                .setRaftTerm(raft.leadership().term())
                .setAnsweredBy(raft.memberId())
                .setLeader(raft.leadership().leaderId().orElse(""));
    }
}
