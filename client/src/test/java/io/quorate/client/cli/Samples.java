package io.quorate.client.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.quorate.client.FakeServer;
import io.quorate.v1.AnyObject;
import io.quorate.v1.Colocation;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.Event;
import io.quorate.v1.FencingToken;
import io.quorate.v1.Follow;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Group;
import io.quorate.v1.Instance;
import io.quorate.v1.Location;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.Member;
import io.quorate.v1.MemberStatus;
import io.quorate.v1.Node;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Order;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Reason;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.RunState;
import io.quorate.v1.SystemdKind;
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

    static AnyObject resource(String name) {
        return AnyObject.newBuilder()
                .setResource(Resource.newBuilder()
                        .setMeta(ObjectMeta.newBuilder().setName(name))
                        .setSpec(ResourceSpec.newBuilder()
                                .setSystemd(SystemdKind.newBuilder().setUnit(name + ".service"))))
                .build();
    }

    static AnyObject follower(String name, String followed) {
        AnyObject.Builder object = resource(name).toBuilder();
        object.getResourceBuilder()
                .getSpecBuilder()
                .setFollow(Follow.newBuilder().setResource(followed));
        return object.build();
    }

    /** A location, a colocation and an order of web. */
    static List<AnyObject> constraints() {
        LocationSpec.Builder location = LocationSpec.newBuilder()
                .setResource("web")
                .putNodes("n1", 100)
                .addRules(LocationRule.newBuilder()
                        .setScore(-1_000_000)
                        .addMatches(NodeMatch.newBuilder()
                                .setLabel("disk")
                                .setOperator(MatchOperator.MATCH_OPERATOR_NOT_EQUAL)
                                .setValue("ssd")));
        ColocationSpec.Builder colocation = ColocationSpec.newBuilder()
                .setResource("web")
                .setWithResource("db")
                .setScore(500)
                .setNodeLabel("rack");
        OrderSpec.Builder order = OrderSpec.newBuilder().setFirst("db").setThen("web");
        return List.of(
                AnyObject.newBuilder()
                        .setLocation(Location.newBuilder()
                                .setMeta(ObjectMeta.newBuilder()
                                        .setName("on-ssd")
                                        .setRevision(7))
                                .setSpec(location))
                        .build(),
                AnyObject.newBuilder()
                        .setColocation(Colocation.newBuilder()
                                .setMeta(ObjectMeta.newBuilder()
                                        .setName("near-db")
                                        .setRevision(8))
                                .setSpec(colocation))
                        .build(),
                AnyObject.newBuilder()
                        .setOrder(Order.newBuilder()
                                .setMeta(ObjectMeta.newBuilder()
                                        .setName("db-first")
                                        .setRevision(9))
                                .setSpec(order))
                        .build());
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
