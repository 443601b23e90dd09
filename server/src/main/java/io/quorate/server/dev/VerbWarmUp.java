package io.quorate.server.dev;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.client.cli.Cli;
import io.quorate.client.cli.CliContext;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.FencingToken;
import io.quorate.v1.GetStatusRequest;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.Instance;
import io.quorate.v1.Member;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Position;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceStatus;
import io.quorate.v1.ResponseHeader;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * One verb from its words to its screen, against a stand-in for a server that answers with a small cluster: loads what every
 * verb needs that asks a server.
 */
final class VerbWarmUp {
    private static final GetStatusResponse SMALL = GetStatusResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder()
                    .setClusterId("warm-up")
                    .setPosition(Position.newBuilder().setGeneration(1).setRevision(2))
                    .setLeader("n1"))
            .setClusterName("warm-up")
            .setQuorum(true)
            .addMembers(Member.newBuilder()
                    .setId("n1")
                    .setName("n1")
                    .setRole("leader")
                    .setReachable(true))
            .addNodes(Node.newBuilder().setMeta(named("n1")).setPhase(NodePhase.NODE_PHASE_UP))
            .addResources(Resource.newBuilder()
                    .setMeta(named("web"))
                    .setStatus(ResourceStatus.newBuilder()
                            .addInstances(Instance.newBuilder()
                                    .setId("web")
                                    .setNode("n1")
                                    .setRole(Role.ROLE_STARTED)
                                    .setState(RunState.RUN_STATE_RUNNING)
                                    .setToken(FencingToken.newBuilder().setRevision(1)))))
            .build();

    private VerbWarmUp() {}

    /** Gives the verb's exit code. */
    static int run(CliContext context) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new StandIn())
                .build()
                .start();
        try {
            return Cli.create(context).run("status", "--endpoints", "127.0.0.1:" + server.getPort());
        } finally {
            server.shutdownNow();
        }
    }

    private static ObjectMeta named(String name) {
        return ObjectMeta.newBuilder().setName(name).build();
    }

    private static final class StandIn extends ClusterServiceGrpc.ClusterServiceImplBase {
        @Override
        public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
            observer.onNext(SMALL);
            observer.onCompleted();
        }
    }
}
