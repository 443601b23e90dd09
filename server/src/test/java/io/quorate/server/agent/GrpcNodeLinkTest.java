package io.quorate.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.agent.v1.AgentServiceGrpc;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How an agent finds the leader, over real connections. */
class GrpcNodeLinkTest {
    private final Plane former = new Plane();
    private final Plane leader = new Plane();

    /** A node plane whose streams stay open and silent. */
    private static final class Plane extends AgentServiceGrpc.AgentServiceImplBase {
        private final Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .build();
        private volatile boolean leads;

        String endpoint() {
            return "127.0.0.1:" + server.getPort();
        }

        @Override
        public void renewLease(RenewLeaseRequest request, StreamObserver<RenewLeaseResponse> observer) {
            if (!leads) {
                observer.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            observer.onNext(RenewLeaseResponse.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void streamWork(StreamWorkRequest request, StreamObserver<StreamWorkResponse> observer) {
            observer.onNext(StreamWorkResponse.getDefaultInstance());
        }
    }

    @BeforeEach
    void start() throws IOException {
        former.server.start();
        leader.server.start();
    }

    @AfterEach
    void stop() {
        former.server.shutdownNow();
        leader.server.shutdownNow();
    }

    /** Its keepalive would find out after twelve seconds; fence orders cannot wait for that. */
    @Test
    void aStreamToAFormerLeaderThatWentSilentEndsWhenAnotherServerAnswersARenewal() throws Exception {
        former.leads = true;
        CompletableFuture<Void> opened = new CompletableFuture<>();
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        try (GrpcNodeLink link = new GrpcNodeLink(List.of(former.endpoint(), leader.endpoint()), Optional::empty)) {
            renewUntilAnswered(link);
            link.streamWork(StreamWorkRequest.getDefaultInstance(), new NodeLink.WorkListener() {
                @Override
                public void onWork(StreamWorkResponse work) {
                    opened.complete(null);
                }

                @Override
                public void onEnd(Throwable reason) {
                    ended.complete(reason);
                }
            });
            opened.get(10, TimeUnit.SECONDS);
            former.leads = false;
            leader.leads = true;
            renewUntilAnswered(link);
            assertThat(ended.get(5, TimeUnit.SECONDS)).hasMessageContaining("another server leads");
        }
    }

    private static void renewUntilAnswered(GrpcNodeLink link) throws Exception {
        for (int attempt = 0; attempt < 20; attempt++) {
            try {
                link.renew(RenewLeaseRequest.getDefaultInstance()).get(5, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException refused) {
                // To the next server in turn.
            }
        }
        throw new AssertionError("no server answered");
    }
}
