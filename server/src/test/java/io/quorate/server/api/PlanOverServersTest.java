package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.agent.v1.AttributeReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.client.ClientContexts;
import io.quorate.client.cli.ExitCodes;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.ReportProbes;
import io.quorate.server.FreePorts;
import io.quorate.v1.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans from the command line through real servers: what they say, that they change nothing, and what binds an apply. */
class PlanOverServersTest {
    private static final String WWW = """
            kind: Resource
            name: www
            process: {command: [/bin/true]}
            """;

    private final ServersFixture fixture = new ServersFixture();
    private LocalRaft raft;
    private GrpcServers leader;
    private GrpcServers follower;
    private CliSession cli;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        int port = FreePorts.next();
        raft = LocalRaft.leader(
                List.of(ServersFixture.voter("n1-aaaa", "n1", port), ServersFixture.voter("n2-bbbb", "n2", 3)));
        LocalRaft followerRaft = LocalRaft.follower("n2-bbbb", raft);
        leader = fixture.start(raft, raft, new SilentLeader(), port, Optional.empty());
        follower = fixture.start(followerRaft, raft, new SilentLeader(), 0, Optional.empty());
        nodeUp("n1");
        nodeUp("n2");
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private void nodeUp(String name) {
        Actor node =
                Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(name).build();
        raft.commit(command -> command.setActor(node)
                .setRegisterNode(RegisterNode.newBuilder()
                        .setNode(name)
                        .setMachine(MachineIdentity.newBuilder()
                                .setMachineId("machine-" + name)
                                .setBootId("boot"))
                        .setLevelMin(1)
                        .setLevelMax(1)
                        .setVersion("test")));
        var row = raft.applied().node(name);
        raft.commit(command -> command.setActor(node)
                .setCompleteJoin(CompleteJoin.newBuilder()
                        .setNode(name)
                        .setIncarnation(row.getIncarnation())
                        .setSession(row.getSession())));
    }

    private int cli(GrpcServers server, String input, String... arguments) {
        Map<String, String> environment = Map.of("QUORATE_ENDPOINTS", "127.0.0.1:" + server.apiPort());
        cli = new CliSession(new ClientContexts(environment, List.of()), input);
        return cli.run(arguments);
    }

    private String planned(String file) {
        String out = directory.resolve("web.plan").toString();
        assertThat(cli(follower, file, "plan", "-f", "-", "--out", out, "--timeout", "60s"))
                .as(cli.err())
                .isZero();
        return out;
    }

    private int applyPlan(GrpcServers server, String plan) {
        return cli(server, "", "apply", "--plan", plan, "--no-wait", "--timeout", "60s");
    }

    @Test
    void aPlanOfAFileSaysWhatItWouldDoAndChangesNothing() {
        long revision = raft.applied().revision();
        assertThat(cli(follower, WWW, "plan", "-f", "-", "--timeout", "60s"))
                .as(cli.err())
                .isZero();
        assertThat(cli.out())
                .contains("+ resources/www", "start www on n1", "(FIRST_PLACEMENT)", "quorum holds: 2 of 2 voters")
                .contains("every service has a place");
        assertThat(raft.applied().revision()).isEqualTo(revision);
        assertThat(raft.applied().objects()).isEmpty();
    }

    @Test
    void aPlanIsCommittedThroughAnyServer() {
        String plan = planned(WWW);
        assertThat(cli.out()).contains("kept in " + plan + ": quorate apply --plan " + plan);
        assertThat(applyPlan(leader, plan)).as(cli.err()).isZero();
        assertThat(raft.applied().objects()).containsKey("resources/www");
    }

    @Test
    void aPlanOfWhichSomethingHasMovedIsAConflictThatSaysWhat() {
        assertThat(cli(leader, WWW, "apply", "-f", "-", "--no-wait")).isZero();
        String plan = planned(WWW.replace("true", "false"));
        long seen = raft.applied().object("resources/www").getMeta().getRevision();
        assertThat(cli(leader, "", "pin", "www", "--to", "n2", "--no-wait", "--reason", "CHG-1"))
                .as(cli.err())
                .isZero();
        long revision = raft.applied().revision();
        assertThat(applyPlan(follower, plan)).isEqualTo(ExitCodes.CONFLICT);
        assertThat(cli.err())
                .startsWith("conflict: changed since the plan p-")
                .contains("resources/www was at 1:" + seen + " and is at 1:", "www pin by ", "CHG-1", "STALE_PLAN");
        assertThat(raft.applied().revision()).isEqualTo(revision);
    }

    @Test
    void whatAPlanTookForAbsentMustStillBeAbsent() {
        String plan = planned(WWW);
        assertThat(cli(leader, WWW, "apply", "-f", "-", "--no-wait")).isZero();
        assertThat(applyPlan(leader, plan)).isEqualTo(ExitCodes.CONFLICT);
        assertThat(cli.err()).contains("resources/www did not exist and is at 1:");
    }

    @Test
    void aPlanIsForItsOwnManifestsOnly() throws Exception {
        Path plan = Path.of(planned(WWW));
        Files.writeString(plan, Files.readString(plan).replace("/bin/true", "/bin/false"));
        assertThat(applyPlan(leader, plan.toString())).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("was made for other manifests", "OTHER_PLAN");
        Files.writeString(plan, "no plan");
        assertThat(applyPlan(leader, plan.toString())).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains("is no plan");
        assertThat(raft.applied().objects()).isEmpty();
    }

    /** As if agents and leader had done their work: web runs on n1, which it prefers by this score. */
    private void runOnN1(int prefer) {
        String file = "kind: Resource\nname: www\nprocess: {command: [/bin/true]}\nplacement: {prefer: {n1: " + prefer
                + "}}\n";
        assertThat(cli(leader, file, "apply", "-f", "-", "--no-wait"))
                .as(cli.err())
                .isZero();
        areNotRunning("www");
        runs("www", "www", "n1", "");
    }

    /** Every node has looked, and runs none of them. */
    private void areNotRunning(String... instances) {
        for (String name : List.of("n1", "n2")) {
            var node = raft.applied().node(name);
            for (String instance : instances) {
                long since = raft.applied().instance(instance).getProbeSince();
                raft.commit(command -> command.setActor(
                                Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(name))
                        .setReportProbes(ReportProbes.newBuilder()
                                .setNode(name)
                                .setIncarnation(node.getIncarnation())
                                .setSession(node.getSession())
                                .addProbes(ProbeReport.newBuilder()
                                        .setInstance(instance)
                                        .setSince(since)
                                        .setFinding(ProbeReport.Finding.FINDING_NOT_RUNNING))));
            }
        }
    }

    private void runs(String instance, String member, String name, String copy) {
        var node = raft.applied().node(name);
        raft.commit(command -> command.setActor(
                        Actor.newBuilder().setKind(Actor.Kind.KIND_LEADER).setName("leader"))
                .setAssignOwner(AssignOwner.newBuilder()
                        .setInstance(instance)
                        .setNode(name)
                        .setCopy(copy)
                        .setIncarnation(node.getIncarnation())));
        raft.commit(command -> command.setActor(
                        Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(name))
                .setReportInstance(ReportInstance.newBuilder()
                        .setNode(name)
                        .setIncarnation(node.getIncarnation())
                        .setSession(node.getSession())
                        .setReport(InstanceReport.newBuilder()
                                .setInstance(instance)
                                .setToken(raft.applied()
                                        .instance(instance)
                                        .getOwnership()
                                        .getToken())
                                .addMembers(MemberReport.newBuilder()
                                        .setResource(member)
                                        .setState(RunState.RUN_STATE_RUNNING)))));
    }

    private void score(String name, String score) {
        var node = raft.applied().node(name);
        raft.commit(command -> command.setActor(
                        Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(name))
                .setReportAttributes(ReportAttributes.newBuilder()
                        .setNode(name)
                        .setIncarnation(node.getIncarnation())
                        .setSession(node.getSession())
                        .addAttributes(AttributeReport.newBuilder()
                                .setName("promotion-score.db")
                                .setValue(score))));
    }

    /** The clone db runs on both nodes and is promoted on n1, whose agent says 100; that of n2 says this. */
    private void promotedOnN1(String scoreOfN2) {
        String file = """
                kind: Resource
                name: pg
                type: ocf:heartbeat:pgsql
                ---
                kind: Clone
                name: db
                of: pg
                promotable: true
                """;
        assertThat(cli(leader, file, "apply", "-f", "-", "--no-wait"))
                .as(cli.err())
                .isZero();
        areNotRunning("db:0", "db:1");
        runs("db:0", "pg", "n1", "");
        runs("db:1", "pg", "n2", "");
        areNotRunning("db:promoted:0");
        score("n1", "100");
        score("n2", scoreOfN2);
        runs("db:promoted:0", "pg", "n1", "db:0");
    }

    @Test
    void aMoveOfAPromotedRoleThatTheScoresWouldUndoIsRefusedAndThePinOffered() {
        promotedOnN1("10");
        long revision = raft.applied().revision();
        assertThat(cli(follower, "", "move", "db", "--promoted", "--to", "n2", "--no-wait", "--timeout", "60s"))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(cli.err())
                .contains("policy would take the promoted role of db away from n2")
                .contains("MOVE_WOULD_NOT_LAST", "quorate move db --promoted --to n2 --pin", "quorate unpin db");
        assertThat(raft.applied().revision()).isEqualTo(revision);
        assertThat(cli(follower, "", "move", "db", "--promoted", "--to", "n2", "--pin", "--no-wait"))
                .as(cli.err())
                .isZero();
    }

    @Test
    void aMoveOfAPromotedRoleThatTheScoresLetStayIsDone() {
        promotedOnN1("100");
        assertThat(cli(follower, "", "move", "db", "--promoted", "--to", "n2", "--no-wait", "--timeout", "60s"))
                .as(cli.err())
                .isZero();
        assertThat(raft.applied().operations().values())
                .anyMatch(row -> row.getKind().equals("switchover"));
    }

    @Test
    void aMoveThatThePolicyWouldUndoIsRefusedAndThePinOffered() {
        runOnN1(500);
        long revision = raft.applied().revision();
        assertThat(cli(follower, "", "move", "www", "--to", "n2", "--no-wait", "--timeout", "60s"))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(cli.err())
                .contains("policy would take www from n2 to n1 as soon as the move is over")
                .contains("n1 500 (prefer 500) scores higher than n2 100 (stickiness 100)", "BETTER_NODE")
                .contains("MOVE_WOULD_NOT_LAST", "quorate move www --to n2 --pin");
        assertThat(cli(follower, "", "move", "www", "--no-wait", "--timeout", "60s"))
                .isEqualTo(ExitCodes.REFUSED);
        assertThat(raft.applied().revision()).isEqualTo(revision);
        assertThat(cli(follower, "", "move", "www", "--to", "n2", "--pin", "--no-wait"))
                .as(cli.err())
                .isZero();
    }

    @Test
    void aMoveThatStickinessHoldsIsDone() {
        runOnN1(50);
        assertThat(cli(follower, "", "move", "www", "--to", "n2", "--no-wait", "--timeout", "60s"))
                .as(cli.err())
                .isZero();
        assertThat(raft.applied().operations().values())
                .anyMatch(row -> row.getKind().equals("move"));
    }

    @Test
    void aPlanWithoutAMajorityFailsAndAnUnknownNodeIsNotFound() {
        assertThat(cli(leader, "", "plan", "--fail-node", "n2", "--exit-code", "--timeout", "60s"))
                .isEqualTo(ExitCodes.DIFFERS);
        assertThat(cli.out()).contains("quorum is LOST: 1 of 2 voters", "QUORUM_LOST");
        assertThat(cli(leader, "", "plan", "--fail-node", "n9")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli.err()).contains("no node is named n9");
        assertThat(cli(leader, "", "plan", "--out", "x")).isEqualTo(ExitCodes.USAGE);
    }
}
