package io.quorate.server.raft;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of the Raft port. Ratis serves its client and admin protocols on the same port, and its admin protocol can
 * replace the members of the group without a vote: little but the peer protocol passes. With TLS, each message must also
 * come from the member that it names: Ratis itself checks the chain alone on the accepting side.
 */
final class PeerGuard implements GrpcServices.Customizer, ServerInterceptor {

    private static final Logger log = LoggerFactory.getLogger(PeerGuard.class);
    private static final String PEER_SERVICE = "ratis.grpc.RaftServerProtocolService";

    /** Entries from other members: the state machine takes digests only, see {@link DigestPost}. */
    private static final String SUBMIT = "ratis.grpc.RaftClientProtocolService/unordered";

    private final RaftTls.@Nullable PeerIdentity identity;

    PeerGuard(Optional<RaftTls> tls) {
        this.identity = tls.map(RaftTls::identity).orElse(null);
    }

    @Override
    public NettyServerBuilder customize(NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
        return builder.intercept(this)
                .maxInboundMetadataSize(8 * 1024)
                .handshakeTimeout(10, TimeUnit.SECONDS)
                .permitKeepAliveTime(10, TimeUnit.SECONDS);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String service = call.getMethodDescriptor().getServiceName();
        boolean submit = SUBMIT.equals(call.getMethodDescriptor().getFullMethodName());
        if (!PEER_SERVICE.equals(service) && !submit) {
            return refuse(call, "not served on this port: " + service);
        }
        // A submission names no member; that TLS let it in says that it is one of them.
        if (identity == null || submit) {
            return next.startCall(call, headers);
        }
        X509Certificate certificate = certificate(call);
        if (certificate == null) {
            return refuse(call, "no certificate");
        }
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;

            @Override
            public void onMessage(Q message) {
                String sender = sender(message);
                if (!refused && (sender == null || !identity.speaksFor(certificate, sender))) {
                    refused = true;
                    refuse(
                            call,
                            certificate.getSubjectX500Principal() + " may not speak for "
                                    + (sender == null ? "an unnamed member" : sender));
                    super.onCancel();
                }
                if (!refused) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (!refused) {
                    super.onHalfClose();
                }
            }
        };
    }

    private static <Q, R> ServerCall.Listener<Q> refuse(ServerCall<Q, R> call, String why) {
        log.warn(
                "Refused a call on the Raft port from {}: {}",
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                why);
        call.close(Status.PERMISSION_DENIED.withDescription(why), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static @Nullable X509Certificate certificate(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private static @Nullable String sender(Object message) {
        RaftRpcRequestProto request = null;
        if (message instanceof AppendEntriesRequestProto append) {
            request = append.getServerRequest();
        } else if (message instanceof RequestVoteRequestProto vote) {
            request = vote.getServerRequest();
        } else if (message instanceof InstallSnapshotRequestProto install) {
            request = install.getServerRequest();
        } else if (message instanceof StartLeaderElectionRequestProto start) {
            request = start.getServerRequest();
        } else if (message instanceof ReadIndexRequestProto read) {
            request = read.getServerRequest();
        }
        return request == null ? null : request.getRequestorId().toStringUtf8();
    }
}
