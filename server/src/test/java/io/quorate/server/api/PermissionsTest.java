package io.quorate.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.quorate.server.api.Caller.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every rpc of every server has a line in the table, and the planes do not mix. */
class PermissionsTest {
    private static Optional<io.grpc.Status> authorize(Role role, String method) {
        return Authorizer.authorize(new Caller(role, "x"), method);
    }

    @Test
    void everyMethodOfEveryServerHasAPolicy() throws Exception {
        try (ServersFixture fixture = new ServersFixture()) {
            LocalRaft raft = LocalRaft.leader(List.of(ServersFixture.voter("n1-aaaa", "n1", 1)));
            GrpcServers servers = fixture.start(raft, raft, new SilentLeader(), 0, Optional.empty());
            List<String> methods = new ArrayList<>();
            for (Server server : servers.servers()) {
                server.getServices()
                        .forEach(service -> service.getMethods().stream()
                                .map(ServerMethodDefinition::getMethodDescriptor)
                                .forEach(method -> methods.add(method.getFullMethodName())));
            }
            assertThat(methods).hasSizeGreaterThan(50);
            assertThat(methods)
                    .allSatisfy(method ->
                            assertThat(Permissions.of(method)).as(method).isPresent());
        }
    }

    @Test
    void whatHasNoLineIsRefusedToEverybody() {
        for (Role role : Role.values()) {
            assertThat(authorize(role, "quorate.v1.ClusterService/Unknown")).isPresent();
        }
    }

    @Test
    void withoutACertificateOnlyJoiningAndHealthAreOpen() {
        assertThat(authorize(Role.ANONYMOUS, "quorate.v1.ClusterService/JoinCluster"))
                .isEmpty();
        assertThat(authorize(Role.ANONYMOUS, "grpc.health.v1.Health/Check")).isEmpty();
        assertThat(authorize(Role.ANONYMOUS, "quorate.v1.ClusterService/GetStatus"))
                .isPresent();
        assertThat(authorize(Role.ANONYMOUS, "quorate.v1.WatchService/WatchState"))
                .isPresent();
        assertThat(authorize(Role.ANONYMOUS, "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"))
                .isPresent();
    }

    @Test
    void theNodePlaneIsForNodesAndThePeerServiceForServers() {
        assertThat(authorize(Role.NODE, "quorate.agent.v1.AgentService/RenewLease"))
                .isEmpty();
        assertThat(authorize(Role.CLIENT, "quorate.agent.v1.AgentService/RenewLease"))
                .isPresent();
        assertThat(authorize(Role.NODE, "quorate.peer.v1.PeerService/ProposeCommand"))
                .isPresent();
        assertThat(authorize(Role.SERVER, "quorate.peer.v1.PeerService/ProposeCommand"))
                .isEmpty();
        assertThat(authorize(Role.NODE, "quorate.v1.ResourceService/ApplyManifests"))
                .isPresent();
        assertThat(authorize(Role.SERVER, "quorate.v1.ResourceService/ApplyManifests"))
                .isPresent();
    }
}
