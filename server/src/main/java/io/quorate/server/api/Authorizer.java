package io.quorate.server.api;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.server.api.Caller.Role;
import io.quorate.server.api.Permissions.Permission;
import io.quorate.server.tls.CertificateIdentity;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The one door of every server of this process: each call, also of watches, health and reflection, passes
 * {@link #authorize} before its first message is read. Default deny.
 */
public final class Authorizer implements ServerInterceptor {
    private static final Caller LOCAL = new Caller(Role.LOCAL, "local");
    private static final Caller ANONYMOUS = new Caller(Role.ANONYMOUS, "");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Caller caller = callerOf(call.getAttributes());
        String method = call.getMethodDescriptor().getFullMethodName();
        Optional<Status> refusal = authorize(caller, method);
        if (refusal.isPresent()) {
            call.close(refusal.get(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        Context context = Context.current().withValue(Caller.KEY, caller);
        ServerCall.Listener<Q> listener = Contexts.interceptCall(context, call, headers, next);
        return needsNodeName(caller, method) ? new NodeNameListener<>(listener, call, caller) : listener;
    }

    /** Empty when {@code caller} may call {@code method}, else the status that refuses it. */
    static Optional<Status> authorize(Caller caller, String method) {
        Optional<Permission> permission = Permissions.of(method);
        if (permission.isPresent() && permission.get().allows(caller.role())) {
            return Optional.empty();
        }
        if (caller.role() == Role.ANONYMOUS) {
            return Optional.of(Status.UNAUTHENTICATED.withDescription(
                    "this call needs a client certificate: quorate cert issue client NAME"));
        }
        return Optional.of(Status.PERMISSION_DENIED.withDescription(
                "%s %s may not call %s".formatted(caller.role(), caller.name(), method)));
    }

    private static boolean needsNodeName(Caller caller, String method) {
        return caller.role() != Role.LOCAL
                && Permissions.of(method).filter(Permission.AGENT::equals).isPresent();
    }

    /** The identity behind a connection. Anything that is not proven is anonymous. */
    static Caller callerOf(Attributes attributes) {
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return isLoopback(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)) ? LOCAL : ANONYMOUS;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate leaf) {
                return CertificateIdentity.of(leaf).map(Authorizer::caller).orElse(ANONYMOUS);
            }
            return ANONYMOUS;
        } catch (SSLPeerUnverifiedException e) {
            return ANONYMOUS;
        }
    }

    private static Caller caller(CertificateIdentity identity) {
        Role role = switch (identity.role()) {
            case CLIENT -> Role.CLIENT;
            case NODE -> Role.NODE;
            case SERVER -> Role.SERVER;
        };
        return new Caller(role, identity.name());
    }

    private static boolean isLoopback(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress internet
                && internet.getAddress() != null
                && internet.getAddress().isLoopbackAddress();
    }

    /** A node speaks for itself alone: the name in each request is compared with the certificate's. */
    private static final class NodeNameListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private final Caller caller;
        private boolean refused;

        NodeNameListener(ServerCall.Listener<Q> delegate, ServerCall<Q, ?> call, Caller caller) {
            super(delegate);
            this.call = call;
            this.caller = caller;
        }

        @Override
        public void onMessage(Q message) {
            if (caller.name().equals(claimedNode(message))) {
                super.onMessage(message);
                return;
            }
            refused = true;
            call.close(
                    Status.PERMISSION_DENIED.withDescription("the certificate is for node " + caller.name()
                            + ", the request speaks for node " + claimedNode(message)),
                    new Metadata());
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                super.onHalfClose();
            }
        }

        private static String claimedNode(Object message) {
            if (message instanceof RegisterAgentRequest request) {
                return request.getNode();
            }
            if (message instanceof RenewLeaseRequest request) {
                return request.getNode();
            }
            if (message instanceof StreamWorkRequest request) {
                return request.getNode();
            }
            if (message instanceof ReportResultsRequest request) {
                return request.getNode();
            }
            if (message instanceof CheckTicketRequest request) {
                return request.getNode();
            }
            return "";
        }
    }
}
