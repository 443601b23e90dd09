package io.quorate.server.api;

import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CreateJoinToken;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.SetFeatureLevel;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.api.ClusterPort.LeaderMethod;
import io.quorate.server.leader.LeaderPort;
import io.quorate.server.raft.Leadership;
import io.quorate.server.raft.MemberProgress;
import io.quorate.server.raft.RaftPort;
import io.quorate.server.tls.JoinToken;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.CreateJoinTokenRequest;
import io.quorate.v1.CreateJoinTokenResponse;
import io.quorate.v1.GetSettingsRequest;
import io.quorate.v1.GetSettingsResponse;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.JoinClusterRequest;
import io.quorate.v1.JoinClusterResponse;
import io.quorate.v1.ListMembersRequest;
import io.quorate.v1.ListMembersResponse;
import io.quorate.v1.Member;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.OperationState;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReplaceMemberRequest;
import io.quorate.v1.ReplaceMemberResponse;
import io.quorate.v1.ResponseHeader;
import io.quorate.v1.SetFeatureLevelRequest;
import io.quorate.v1.SetFeatureLevelResponse;
import io.quorate.v1.TicketState;
import io.quorate.v1.TransferLeadershipRequest;
import io.quorate.v1.TransferLeadershipResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The cluster itself: its status, settings, members and who may join. */
final class ClusterServiceImpl extends ClusterServiceGrpc.ClusterServiceImplBase {
    static final LeaderMethod<GetStatusRequest, GetStatusResponse> GET_STATUS = new LeaderMethod<>(
            "quorate.v1.ClusterService/GetStatus", GetStatusRequest.parser(), GetStatusResponse.parser());
    static final LeaderMethod<ListMembersRequest, ListMembersResponse> LIST_MEMBERS = new LeaderMethod<>(
            "quorate.v1.ClusterService/ListMembers", ListMembersRequest.parser(), ListMembersResponse.parser());
    static final LeaderMethod<TransferLeadershipRequest, TransferLeadershipResponse> TRANSFER = new LeaderMethod<>(
            "quorate.v1.ClusterService/TransferLeadership",
            TransferLeadershipRequest.parser(),
            TransferLeadershipResponse.parser(),
            true);
    static final LeaderMethod<ReplaceMemberRequest, ReplaceMemberResponse> REPLACE = new LeaderMethod<>(
            "quorate.v1.ClusterService/ReplaceMember",
            ReplaceMemberRequest.parser(),
            ReplaceMemberResponse.parser(),
            true);

    /** A member or a leader that was silent for longer is shown as not reachable. */
    private static final Duration REACHABLE_WITHIN = Duration.ofSeconds(2);

    private static final long DEFAULT_TOKEN_MILLIS = 3_600_000;

    private final ServiceSupport support;
    private final RaftPort raft;
    private final LeaderPort leader;
    private final Joining joining;

    ClusterServiceImpl(ServiceSupport support, RaftPort raft, LeaderPort leader, Joining joining) {
        this.support = support;
        this.raft = raft;
        this.leader = leader;
        this.joining = joining;
        LeaderCalls calls = support.leaderCalls();
        calls.register(GET_STATUS, (request, caller) -> statusHere(request));
        calls.register(LIST_MEMBERS, (request, caller) -> membersHere(request));
        calls.register(TRANSFER, (request, caller) -> transferHere(request));
        calls.register(REPLACE, this::replaceHere);
    }

    /** From the leader, which alone knows how its members are; a stale one from this server. */
    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
        boolean here = request.getRead().hasAt()
                || request.getRead().getConsistency() == ReadConsistency.READ_CONSISTENCY_STALE;
        if (here) {
            support.unary().answer(observer, () -> statusHere(request));
        } else {
            support.onLeader(observer, GET_STATUS, request);
        }
    }

    CompletableFuture<GetStatusResponse> statusHere(GetStatusRequest request) {
        return support.reads().view(request.getRead()).thenApply(view -> {
            ClusterState state = view.state();
            Projection projection = support.projections().of(state);
            GetStatusResponse.Builder status = GetStatusResponse.newBuilder()
                    .setHeader(view.header())
                    .setClusterName(state.meta().getClusterName())
                    .setFeatureLevel(state.meta().getFeatureLevel())
                    .setQuorum(hasQuorum())
                    .addAllMembers(members(state))
                    .addAllAttention(projection.explanation().attention());
            for (NodeRow node : state.nodes().values()) {
                status.addNodes(projection.node(node));
            }
            for (ObjectRow row : state.objects().values()) {
                if (row.hasClone()) {
                    status.addClones(projection.clone(row));
                } else if (row.hasGroup()) {
                    status.addGroups(projection.group(row));
                } else if (row.hasResource()) {
                    status.addResources(projection.resource(row));
                }
            }
            for (FenceTicketRow ticket : state.tickets().values()) {
                if (ticket.getState() == TicketState.TICKET_STATE_OPEN) {
                    status.addOpenTickets(Projection.ticket(ticket));
                }
            }
            for (OperationRow operation : state.operations().values()) {
                if (operation.getState() == OperationState.OPERATION_STATE_RUNNING) {
                    status.addRunningOperations(projection.operation(operation));
                }
            }
            if (state.isPaused()) {
                status.setPaused(Notices.paused(state.meta().getPause()));
            }
            if (raft.leadership().isReadyLeader()) {
                status.setCounters(Projection.counters(leader.counters()));
            }
            return status.build();
        });
    }

    /** As this server knows it: it leads, or has just heard from a leader. */
    private boolean hasQuorum() {
        Leadership leadership = raft.leadership();
        return leadership.isReadyLeader()
                || (leadership.leaderId().isPresent()
                        && raft.sinceLeaderContact().compareTo(REACHABLE_WITHIN) < 0);
    }

    private List<Member> members(ClusterState state) {
        Map<String, MemberProgress> progress =
                raft.members().stream().collect(Collectors.toMap(MemberProgress::id, Function.identity()));
        Leadership leadership = raft.leadership();
        List<Member> members = new ArrayList<>();
        for (VoterRow row : state.voters().values()) {
            if (!row.getRemoved()) {
                members.add(member(row, Optional.ofNullable(progress.get(row.getId())), leadership));
            }
        }
        return members;
    }

    private Member member(VoterRow row, Optional<MemberProgress> progress, Leadership leadership) {
        boolean leads = leadership.leaderId().filter(row.getId()::equals).isPresent();
        Duration contact = progress.map(MemberProgress::lastContact)
                .orElseGet(() -> leads ? raft.sinceLeaderContact() : Duration.ZERO);
        boolean known = progress.isPresent() || leads || row.getId().equals(raft.memberId());
        Member.Builder member = Projection.member(row)
                .setRole(leads ? "leader" : progress.filter(p -> !p.voter()).isPresent() ? "learner" : "voter")
                .setReachable(known && contact.compareTo(REACHABLE_WITHIN) < 0)
                .setMatchIndex(progress.map(MemberProgress::matchIndex).orElse(0L));
        return (known ? member.setLastContact(Durations.fromMillis(contact.toMillis())) : member).build();
    }

    @Override
    public void getSettings(GetSettingsRequest request, StreamObserver<GetSettingsResponse> observer) {
        support.read(
                observer,
                request.getRead(),
                view -> GetSettingsResponse.newBuilder()
                        .setHeader(view.header())
                        .setSettings(view.state().settings().toSpec())
                        .setRevision(view.state().settingsRow().getRevision())
                        .build());
    }

    @Override
    public void listMembers(ListMembersRequest request, StreamObserver<ListMembersResponse> observer) {
        if (request.getRead().getConsistency() == ReadConsistency.READ_CONSISTENCY_STALE) {
            support.unary().answer(observer, () -> membersHere(request));
        } else {
            support.onLeader(observer, LIST_MEMBERS, request);
        }
    }

    private CompletableFuture<ListMembersResponse> membersHere(ListMembersRequest request) {
        return support.reads()
                .view(request.getRead())
                .thenApply(view -> ListMembersResponse.newBuilder()
                        .setHeader(view.header())
                        .addAllMembers(members(view.state()))
                        .build());
    }

    @Override
    public void transferLeadership(
            TransferLeadershipRequest request, StreamObserver<TransferLeadershipResponse> observer) {
        support.changeOnLeader(observer, TRANSFER, request, request.getOptions());
    }

    private CompletableFuture<TransferLeadershipResponse> transferHere(TransferLeadershipRequest request) {
        requireNoComparison(request.getOptions());
        VoterRow target = require(raft.applied(), request.getMember());
        boolean stays = request.getOptions().getValidateOnly() || target.getId().equals(raft.memberId());
        CompletableFuture<Void> done =
                stays ? CompletableFuture.completedFuture(null) : raft.transferLeadership(target.getId());
        return done.thenApply(nothing ->
                TransferLeadershipResponse.newBuilder().setHeader(headerNow()).build());
    }

    private ResponseHeader.Builder headerNow() {
        ClusterState now = raft.applied();
        return support.cluster().header(now.meta().getClusterId(), now.position());
    }

    /** Changes of Raft itself are no entries of the state machine's: nothing of its state can be compared with them. */
    private static void requireNoComparison(MutationOptions options) {
        Mutations.requireNoPlan(options);
        if (options.hasIfPosition() || options.getIfObjectRevisionCount() > 0) {
            throw ApiException.invalid("if_position and if_object_revision are not supported by this call");
        }
    }

    /** A voter by id or, among those that may vote, by name. */
    private static VoterRow require(ClusterState state, String idOrName) {
        return state.voters().values().stream()
                .filter(row -> !row.getRemoved())
                .filter(row -> row.getId().equals(idOrName) || row.getName().equals(idOrName))
                .findFirst()
                .orElseThrow(() -> ApiException.notFound("members/" + idOrName));
    }

    @Override
    public void replaceMember(ReplaceMemberRequest request, StreamObserver<ReplaceMemberResponse> observer) {
        support.changeOnLeader(observer, REPLACE, request, request.getOptions());
    }

    private CompletableFuture<ReplaceMemberResponse> replaceHere(ReplaceMemberRequest request, Caller caller) {
        requireNoComparison(request.getOptions());
        ClusterState state = raft.applied();
        Member with = request.getWith();
        if (with.getId().isEmpty()
                || with.getRaftEndpoint().isEmpty()
                || with.getNodeEndpoint().isEmpty()) {
            throw ApiException.invalid("the member that comes needs an id, a raft and a node endpoint");
        }
        String named = going(state, request);
        VoterRow coming = Joining.voterRow(with, state);
        PeerRules.requireMayReplace(caller, with.getName(), nameOf(state, named));
        String going = PeerRules.placeOf(caller, with, named, state);
        if (going.equals(raft.memberId())) {
            throw new ApiException(
                    Status.Code.FAILED_PRECONDITION,
                    "LEADER_GOES",
                    "the leader cannot replace itself: hand leadership over first",
                    Map.of("object", "members/" + going, "next_step", "quorate member lead MEMBER"));
        }
        CompletableFuture<?> done = request.getOptions().getValidateOnly()
                ? support.mutations().submit(request.getOptions(), caller, command -> register(command, coming))
                : raft.replaceVoter(going, coming);
        return done.thenApply(nothing ->
                ReplaceMemberResponse.newBuilder().setHeader(headerNow()).build());
    }

    private static String nameOf(ClusterState state, String memberId) {
        VoterRow row = state.voters().get(memberId);
        return row == null ? "" : row.getName();
    }

    /** The first step of a replacement, whose rule judges the one that comes. */
    private static void register(Command.Builder command, VoterRow coming) {
        command.setRegisterVoter(RegisterVoter.newBuilder().setVoter(coming));
    }

    /** Nobody goes when the request names nobody, or one that has gone already: asking twice does no harm. */
    private static String going(ClusterState state, ReplaceMemberRequest request) {
        String member = request.getMember();
        String coming = request.getWith().getId();
        if (member.isEmpty()) {
            return "";
        }
        // a name of one that has gone counts only when this very replacement was begun: else nobody of it is known
        boolean begun = state.voters().containsKey(coming);
        List<VoterRow> named = state.voters().values().stream()
                .filter(row -> !row.getId().equals(coming))
                .filter(row ->
                        row.getId().equals(member) || (row.getName().equals(member) && (begun || !row.getRemoved())))
                .toList();
        if (named.isEmpty()) {
            throw ApiException.notFound("members/" + member);
        }
        return named.stream()
                .filter(row -> !row.getRemoved())
                .map(VoterRow::getId)
                .findFirst()
                .orElse("");
    }

    @Override
    public void createJoinToken(CreateJoinTokenRequest request, StreamObserver<CreateJoinTokenResponse> observer) {
        JoinToken token;
        try {
            Mutations.requireNoPlan(request.getOptions());
            token = JoinToken.random(joining.fingerprint());
        } catch (ApiException refusal) {
            support.unary().fail(observer, refusal, "");
            return;
        }
        long validMillis = request.hasValidFor() ? Durations.toMillis(request.getValidFor()) : DEFAULT_TOKEN_MILLIS;
        if (validMillis <= 0 || request.getUses() < 0) {
            support.unary().fail(observer, ApiException.invalid("valid_for and uses must be positive"), "");
            return;
        }
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setCreateJoinToken(CreateJoinToken.newBuilder()
                        .setValidMillis(validMillis)
                        .setToken(JoinTokenRow.newBuilder()
                                .setId(token.id())
                                .setSecretDigest(com.google.protobuf.ByteString.copyFrom(token.secretDigest()))
                                .setUsesLeft(Math.max(1, request.getUses()))
                                .setAgentOnly(request.getAgentOnly())
                                .setCreatedBy(Caller.current().name()))),
                outcome -> CreateJoinTokenResponse.newBuilder()
                        .setHeader(outcome.header())
                        .setToken(outcome.committed() ? token.format() : "")
                        .build());
    }

    @Override
    public void joinCluster(JoinClusterRequest request, StreamObserver<JoinClusterResponse> observer) {
        support.unary().answer(observer, () -> joining.join(request));
    }

    @Override
    public void setFeatureLevel(SetFeatureLevelRequest request, StreamObserver<SetFeatureLevelResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command ->
                        command.setSetFeatureLevel(SetFeatureLevel.newBuilder().setLevel(request.getLevel())),
                outcome -> SetFeatureLevelResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }
}
