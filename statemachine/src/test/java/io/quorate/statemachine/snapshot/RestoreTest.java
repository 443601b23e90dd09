package io.quorate.statemachine.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.ConfirmFence;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.ReportProbes;
import io.quorate.log.v1.ResumeCluster;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.model.Check;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.TicketAction;
import io.quorate.v1.TicketConstraintSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RestoreQuarantine: a restored state knows nothing about where things run, and acts on nothing until it does. */
class RestoreTest {
    private static final VoterRow NEW_VOTER = VoterRow.newBuilder()
            .setId("n5-new")
            .setName("n5")
            .setRaftEndpoint("127.0.0.1:5")
            .build();

    private final Applier applier = new Applier(RuleTable.standard());
    private ClusterState state = ClusterState.empty();
    private long millis;

    private CommandResult run(Actor.Kind kind, String name, Command.Builder command) {
        millis += 10;
        Applied applied = applier.apply(
                state,
                LogEntry.newBuilder()
                        .setStamp(Stamp.newBuilder().setLogMillis(millis).setWallMillis(millis))
                        .addCommands(command.setActor(
                                Actor.newBuilder().setKind(kind).setName(name)))
                        .build(),
                1);
        state = applied.state();
        return applied.results().get(0);
    }

    private CommandResult accepted(Actor.Kind kind, String name, Command.Builder command) {
        CommandResult result = run(kind, name, command);
        assertThat(result.getMessage()).isEmpty();
        assertThat(result.getCode()).isZero();
        return result;
    }

    /** Registers, answers every probe and joins. */
    private void join(String node, String boot, boolean finds) {
        CommandResult registered = accepted(
                Actor.Kind.KIND_NODE,
                node,
                Command.newBuilder()
                        .setRegisterNode(RegisterNode.newBuilder()
                                .setNode(node)
                                .setSessionNonce(ByteString.copyFromUtf8(node + boot + state.revision()))
                                .setLevelMin(1)
                                .setLevelMax(1)
                                .setMachine(MachineIdentity.newBuilder()
                                        .setMachineId("machine-" + node)
                                        .setBootId(boot))));
        if (state.instance("www") != null) {
            accepted(
                    Actor.Kind.KIND_NODE,
                    node,
                    Command.newBuilder()
                            .setReportProbes(ReportProbes.newBuilder()
                                    .setNode(node)
                                    .setIncarnation(registered.getNumber())
                                    .setSession(registered.getSession())
                                    .addProbes(ProbeReport.newBuilder()
                                            .setInstance("www")
                                            .setSince(state.instance("www").getProbeSince())
                                            .setFinding(
                                                    finds
                                                            ? ProbeReport.Finding.FINDING_RUNNING
                                                            : ProbeReport.Finding.FINDING_NOT_RUNNING))));
        }
        accepted(
                Actor.Kind.KIND_NODE,
                node,
                Command.newBuilder()
                        .setCompleteJoin(CompleteJoin.newBuilder()
                                .setNode(node)
                                .setIncarnation(registered.getNumber())
                                .setSession(registered.getSession())));
    }

    private CommandResult assign(String node) {
        NodeRow row = state.node(node);
        return run(
                Actor.Kind.KIND_LEADER,
                "leader",
                Command.newBuilder()
                        .setAssignOwner(AssignOwner.newBuilder()
                                .setInstance("www")
                                .setNode(node)
                                .setIncarnation(row == null ? 0 : row.getIncarnation())));
    }

    @BeforeEach
    void aClusterWhereWwwRunsOnN1() {
        accepted(
                Actor.Kind.KIND_SYSTEM,
                "init",
                Command.newBuilder()
                        .setInitCluster(InitCluster.newBuilder()
                                .setClusterId("c")
                                .setClusterName("c")
                                .setGeneration(1)
                                .addVoters(VoterRow.newBuilder().setId("n1-old").setName("n1"))));
        accepted(
                Actor.Kind.KIND_USER,
                "u",
                Command.newBuilder()
                        .setApplyObjects(ApplyObjects.newBuilder()
                                .addManifests(Manifest.newBuilder()
                                        .setMeta(ObjectMeta.newBuilder().setName("www"))
                                        .setResource(ResourceSpec.newBuilder()
                                                .setProcess(
                                                        ProcessKind.newBuilder().addCommand("/bin/true"))))));
        join("n1", "boot", false);
        join("n2", "boot", false);
        assertThat(assign("n1").getCode()).isZero();
    }

    private void restore() {
        state = Restore.quarantined(state, 2, List.of(NEW_VOTER), List.of());
    }

    @Test
    void everyNodeIsLostNothingIsOwnedAndTheFormerVotersNeverVoteAgain() {
        long oldToken = state.instance("www").getHighestToken().getNumber();
        restore();
        assertThat(state.generation()).isEqualTo(2);
        assertThat(state.meta().getPause().getQuarantine()).isTrue();
        assertThat(state.nodes().values()).extracting(NodeRow::getPhase).containsOnly(NodePhase.NODE_PHASE_LOST);
        assertThat(state.instance("www").hasOwnership()).isFalse();
        assertThat(state.instance("www").getHighestToken().getNumber()).isEqualTo(oldToken);
        assertThat(state.voters().get("n1-old").getRemoved()).isTrue();
        assertThat(state.voters().get("n5-new").getRemoved()).isFalse();
    }

    @Test
    void hostsThatRestoreApartBeginWithTheSameState() {
        ClusterState backup = state;
        restore();
        assertThat(state.stamp()).isEqualTo(backup.stamp());
        assertThat(state.meta().getPause().getSince()).isEqualTo(backup.stamp());
        assertThat(StateDigest.of(Restore.quarantined(backup, 2, List.of(NEW_VOTER), List.of())))
                .isEqualTo(StateDigest.of(state));
    }

    @Test
    void theDigestIsThatOfItsRowsSoItCanBeWrittenAndRead() throws Exception {
        restore();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotWriter.write(state, out, "test");
        ClusterState read = SnapshotReader.read(new ByteArrayInputStream(out.toByteArray()));
        assertThat(read.position()).isEqualTo(state.position());
        assertThat(StateDigest.of(read)).isEqualTo(StateDigest.of(state));
    }

    @Test
    void nothingIsGrantedWhereItWasNotFoundAndNobodyResumesBeforeEveryNodeWasSeen() {
        restore();
        join("n1", "boot", false);
        assertThat(assign("n1").getCode()).isEqualTo(RejectCode.PAUSED.number());
        assertThat(run(
                                Actor.Kind.KIND_USER,
                                "u",
                                Command.newBuilder().setResumeCluster(ResumeCluster.getDefaultInstance()))
                        .getCode())
                .isEqualTo(RejectCode.QUARANTINED.number());
    }

    /** It may run what the backup says is elsewhere: it is waited for, asked, and can be confirmed off like the others. */
    @Test
    void aNodeThatWasAddedAfterTheBackupIsWaitedForToo() {
        ClusterState backup = state;
        state = Restore.quarantined(backup, 2, List.of(NEW_VOTER), List.of("n4", "n3", "n1"));
        assertThat(StateDigest.of(Restore.quarantined(backup, 2, List.of(NEW_VOTER), List.of("n3", "n4"))))
                .isEqualTo(StateDigest.of(state));
        join("n1", "boot", false);
        join("n2", "boot", false);
        join("n3", "boot", true);
        assertThat(assign("n3").getMessage()).isEqualTo("n4 has not said that it does not run www");
        Command.Builder resume = Command.newBuilder().setResumeCluster(ResumeCluster.getDefaultInstance());
        assertThat(run(Actor.Kind.KIND_USER, "u", resume).getCode()).isEqualTo(RejectCode.QUARANTINED.number());
        long incarnation = Objects.requireNonNull(state.node("n4")).getIncarnation();
        accepted(
                Actor.Kind.KIND_USER,
                "u",
                Command.newBuilder()
                        .setConfirmFence(ConfirmFence.newBuilder()
                                .setNode("n4")
                                .setIncarnation(incarnation)
                                .setTypedName("n4")));
        assertThat(assign("n3").getMessage()).isEmpty();
        accepted(Actor.Kind.KIND_USER, "u", resume);
    }

    @Test
    void whatMovedAfterTheBackupIsAdoptedWhereItRunsUnderAHigherToken() {
        long oldToken = state.instance("www").getHighestToken().getNumber();
        restore();
        join("n1", "boot", false);
        join("n2", "boot", true);
        assertThat(assign("n2").getMessage()).isEmpty();
        assertThat(state.instance("www").getOwnership().getNode()).isEqualTo("n2");
        assertThat(state.instance("www").getOwnership().getAdopt()).isTrue();
        assertThat(state.instance("www").getOwnership().getToken().getNumber())
                .isGreaterThan(oldToken)
                .isEqualTo(Tokens.of(2, state.revision()).getNumber());
        accepted(Actor.Kind.KIND_USER, "u", Command.newBuilder().setResumeCluster(ResumeCluster.getDefaultInstance()));
        assertThat(state.isPaused()).isFalse();
    }

    /** Another site may hold it by now; what is found running here is taken over all the same. */
    @Test
    void ticketsBetweenSitesAreRevoked() {
        accepted(
                Actor.Kind.KIND_USER,
                "u",
                Command.newBuilder()
                        .setApplyObjects(ApplyObjects.newBuilder()
                                .setAllowUnfenced(true)
                                .addManifests(Manifest.newBuilder()
                                        .setMeta(ObjectMeta.newBuilder().setName("site"))
                                        .setTicketConstraint(TicketConstraintSpec.newBuilder()
                                                .setTicket("site-a")
                                                .addResources("www")))));
        accepted(
                Actor.Kind.KIND_USER,
                "u",
                Command.newBuilder()
                        .setChangeTicket(ChangeTicket.newBuilder()
                                .setTicket("site-a")
                                .setAction(TicketAction.TICKET_ACTION_GRANT)));
        restore();
        SiteTicketRow ticket = state.siteTickets().get("site-a");
        assertThat(ticket.getGranted()).isFalse();
        assertThat(ticket.hasLastGranted()).isTrue();
        assertThat(ticket.getBy()).isEqualTo("restore");
        assertThat(ticket.getRevision()).isEqualTo(state.revision());
        join("n1", "boot", false);
        join("n2", "boot", true);
        assertThat(assign("n2").getMessage()).isEmpty();
    }

    @Test
    void aGenerationThatDoesNotRiseIsADefect() {
        assertThatThrownBy(() -> Restore.quarantined(state, 1, List.of(NEW_VOTER), List.of()))
                .isInstanceOf(Check.InvariantViolation.class);
    }
}
