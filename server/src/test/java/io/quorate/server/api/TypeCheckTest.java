package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.agent.v1.AgentTypes;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.RegisterNode;
import io.quorate.server.FreePorts;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.ResourceSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A type that no node has is refused with the nearest names, and nothing is refused that some node may have. */
class TypeCheckTest {
    private final ServersFixture fixture = new ServersFixture();
    private LocalRaft raft;
    private ResourceServiceGrpc.ResourceServiceBlockingStub resources;

    @BeforeEach
    void start() throws Exception {
        int nodePort = FreePorts.next();
        raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", nodePort)));
        GrpcServers servers = fixture.start(raft, raft, new SilentLeader(), nodePort, Optional.empty());
        resources = ResourceServiceGrpc.newBlockingStub(fixture.plaintext(servers.apiPort()));
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private static AgentTypes types(String... names) {
        return AgentTypes.newBuilder().addAllNames(List.of(names)).build();
    }

    private void register(String node, Optional<AgentTypes> types) {
        RegisterNode.Builder register = RegisterNode.newBuilder()
                .setNode(node)
                .setMachine(MachineIdentity.newBuilder()
                        .setMachineId("machine-" + node)
                        .setBootId("boot-" + node + types.hashCode()))
                .setLevelMin(1)
                .setLevelMax(1);
        types.ifPresent(register::setAgentTypes);
        propose(Actor.Kind.KIND_NODE, Command.newBuilder().setRegisterNode(register));
    }

    private void propose(Actor.Kind kind, Command.Builder command) {
        assertThat(raft.propose(command.setActor(
                                        Actor.newBuilder().setKind(kind).setName("n"))
                                .build())
                        .join()
                        .getCode())
                .isZero();
    }

    private static Manifest ocf(String name, String type) {
        return Manifest.newBuilder()
                .setSource("web.yaml")
                .setLine(3)
                .setColumn(1)
                .setMeta(ObjectMeta.newBuilder().setName(name))
                .setResource(ResourceSpec.newBuilder()
                        .setOcf(OcfKind.newBuilder().setProvider("heartbeat").setType(type)))
                .build();
    }

    private static Manifest device(String name, String type) {
        return Manifest.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName(name))
                .setFenceDevice(
                        FenceDeviceSpec.newBuilder().setType(type).putPerNode("n1", FenceTarget.getDefaultInstance()))
                .build();
    }

    private void apply(boolean validateOnly, Manifest... manifests) {
        var unused = resources.applyManifests(ApplyManifestsRequest.newBuilder()
                .setOptions(MutationOptions.newBuilder().setValidateOnly(validateOnly))
                .addAllManifests(List.of(manifests))
                .build());
    }

    private StatusRuntimeException refusal(boolean validateOnly, Manifest... manifests) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> apply(validateOnly, manifests));
    }

    @Test
    void aTypeThatNoNodeHasIsRefusedWithTheNearestNames() {
        register("n1", Optional.of(types("ocf:heartbeat:IPaddr2", "fence_ipmilan")));
        register("n2", Optional.of(types("ocf:heartbeat:Dummy")));
        for (boolean validateOnly : List.of(true, false)) {
            StatusRuntimeException refused = refusal(validateOnly, ocf("ip", "IPadr2"), device("power", "fence_ipmi"));
            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(ApiServicesTest.infoOf(refused).getReason()).isEqualTo("UNKNOWN_TYPE");
            assertThat(refused)
                    .hasMessageContaining(
                            "web.yaml:3:1: resources/ip: no node has ocf:heartbeat:IPadr2 (did you mean ocf:heartbeat:IPaddr2?)")
                    .hasMessageContaining("fenceDevices/power: no node has fence_ipmi (did you mean fence_ipmilan?)");
        }
        assertThat(raft.applied().objects()).isEmpty();
        assertThatCode(() -> apply(false, ocf("ip", "IPaddr2"), ocf("d", "Dummy")))
                .doesNotThrowAnyException();
    }

    /** It may be the one that is to run it when it is back. */
    @Test
    void aNodeThatIsDownCountsWithWhatItSaidLast() {
        register("n1", Optional.of(types("ocf:heartbeat:IPaddr2")));
        propose(
                Actor.Kind.KIND_LEADER,
                Command.newBuilder()
                        .setFormedInTerm(raft.leadership().term())
                        .setDeclareNodeLost(DeclareNodeLost.newBuilder()
                                .setNode("n1")
                                .setIncarnation(raft.applied().node("n1").getIncarnation())));
        assertThatCode(() -> apply(true, ocf("ip", "IPaddr2"))).doesNotThrowAnyException();
        assertThat(refusal(true, ocf("ip", "IPadr2"))).isNotNull();
    }

    @Test
    void nothingIsRefusedWhereItIsNotKnownWhatIsThere() {
        assertThatCode(() -> apply(true, ocf("ip", "IPadr2"))).doesNotThrowAnyException();
        register("n1", Optional.of(types("ocf:heartbeat:IPaddr2")));
        assertThat(refusal(true, ocf("ip", "IPadr2"))).isNotNull();
        register("n2", Optional.empty());
        assertThatCode(() -> apply(true, ocf("ip", "IPadr2"))).doesNotThrowAnyException();
        register(
                "n2",
                Optional.of(
                        types("fence_ipmilan").toBuilder().setIncomplete(true).build()));
        assertThatCode(() -> apply(true, ocf("ip", "IPadr2"))).doesNotThrowAnyException();
    }

    /** Otherwise a package that was removed would make every file invalid that still names it. */
    @Test
    void whatWasAcceptedBeforeIsRefusedOnlyUnderAnotherUnknownType() {
        register("n1", Optional.of(types("ocf:heartbeat:IPaddr2")));
        apply(false, ocf("ip", "IPaddr2"));
        register("n1", Optional.of(types("ocf:heartbeat:Dummy")));
        assertThatCode(() -> apply(false, ocf("ip", "IPaddr2"))).doesNotThrowAnyException();
        assertThat(refusal(false, ocf("ip", "IPadr2"))).isNotNull();
    }

    @Test
    void theSameAgentOfAnotherProviderIsNamed() {
        register("n1", Optional.of(types("ocf:pacemaker:ClusterMon", "ocf:pacemaker:ping")));
        assertThat(refusal(true, ocf("mon", "clustermon")))
                .hasMessageContaining("did you mean ocf:pacemaker:ClusterMon?");
    }
}
