package io.quorate.client.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.quorate.client.FakeServer;
import io.quorate.v1.Event;
import io.quorate.v1.FencingToken;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Group;
import io.quorate.v1.Instance;
import io.quorate.v1.Member;
import io.quorate.v1.MemberStatus;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.RunState;
import java.util.List;

/** Messages as servers send them. */
final class Samples {
    private Samples() {}

    static Timestamp ago(long seconds) {
        return Timestamp.newBuilder()
                .setSeconds(CliRun.NOW_MILLIS / 1_000 - seconds)
                .build();
    }

    static Duration millis(long millis) {
        return Duration.newBuilder()
                .setSeconds(millis / 1_000)
                .setNanos((int) (millis % 1_000) * 1_000_000)
                .build();
    }

    static Reason reason(String code, String message, String nextStep) {
        return Reason.newBuilder()
                .setCode(code)
                .setMessage(message)
                .setNextStep(nextStep)
                .build();
    }

    static FencingToken token(long revision) {
        return FencingToken.newBuilder()
                .setGeneration(1)
                .setRevision(revision)
                .setNumber((1L << 48) + revision)
                .build();
    }

    /** The group web with its members vip and www. */
    static Group web(RunState state, String node, boolean survives) {
        return Group.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("web").setSet("web").setRevision(14))
                .setStatus(ResourceStatus.newBuilder()
                        .setSurvivesNodeLoss(survives)
                        .addInstances(Instance.newBuilder()
                                .setId("web")
                                .setNode(node)
                                .setState(state)
                                .setToken(token(14))
                                .setSince(ago(130))
                                .addMembers(MemberStatus.newBuilder()
                                        .setResource("vip")
                                        .setState(state))
                                .addMembers(MemberStatus.newBuilder()
                                        .setResource("www")
                                        .setState(state))))
                .build();
    }

    static Node node(String name, NodePhase phase, String... owned) {
        return Node.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name).setRevision(4))
                .setPhase(phase)
                .setIncarnation(4)
                .setPhaseSince(ago(7_500))
                .addAllOwned(List.of(owned))
                .addFencePaths("ipmi")
                .build();
    }

    static Member member(String name, boolean reachable) {
        return Member.newBuilder()
                .setId(name + "-7f3a")
                .setName(name)
                .setRole(name.equals("n1") ? "leader" : "voter")
                .setReachable(reachable)
                .build();
    }

    /** Three nodes, web on n2, all well. */
    static GetStatusResponse.Builder healthy() {
        return GetStatusResponse.newBuilder()
                .setHeader(FakeServer.header(42))
                .setClusterName("prod")
                .setFeatureLevel(1)
                .setQuorum(true)
                .addMembers(member("n1", true))
                .addMembers(member("n2", true))
                .addMembers(member("n3", true))
                .addNodes(node("n1", NodePhase.NODE_PHASE_UP))
                .addNodes(node("n2", NodePhase.NODE_PHASE_UP, "web"))
                .addNodes(node("n3", NodePhase.NODE_PHASE_UP))
                .addGroups(web(RunState.RUN_STATE_RUNNING, "n2", true));
    }

    static Event failover() {
        return Event.newBuilder()
                .setPosition(FakeServer.position(22))
                .setAt(ago(60))
                .setKind("RESOURCE_UP")
                .setObject("groups/web")
                .setText("web up on n3 (token 1:21)")
                .setReason(reason("NODE_FENCED", "n2 was fenced by dev-power", ""))
                .setActor("leader")
                .setFromNode("n2")
                .setToNode("n3")
                .setOutage(millis(900))
                .setDetect(millis(300))
                .setFree(millis(200))
                .setStart(millis(400))
                .build();
    }
}
