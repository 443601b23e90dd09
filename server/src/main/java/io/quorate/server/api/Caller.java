package io.quorate.server.api;

import io.grpc.Context;
import io.quorate.log.v1.Actor;

/**
 * Who calls, as the transport proved it: by its certificate, or by being on a loopback listener without TLS.
 *
 * @param role what kind of identity it is
 * @param name the certificate's common name; {@code local} on a loopback listener; empty without a certificate
 */
public record Caller(Role role, String name) {
    /** Kinds of identity. What each may call is the table of {@link Permissions}. */
    public enum Role {
        /** Plaintext on loopback: development. */
        LOCAL,
        /** A person or a program with a certificate of the client CA. */
        CLIENT,
        /** An agent with a certificate of the peer CA. */
        NODE,
        /** A voter with a certificate of the peer CA; its host may run an agent with the same certificate. */
        SERVER,
        /** TLS without a client certificate: may join with a token, and nothing else. */
        ANONYMOUS
    }

    /** Set by {@link Authorizer} for every call that it lets through. */
    static final Context.Key<Caller> KEY = Context.key("quorate-caller");

    private static final Caller NOBODY = new Caller(Role.ANONYMOUS, "");

    /** The caller of the gRPC call in whose context this runs. */
    public static Caller current() {
        Caller caller = KEY.get();
        return caller == null ? NOBODY : caller;
    }

    /** The actor that a command of this caller carries. */
    public Actor actor(String viaMember) {
        Actor.Kind kind = switch (role) {
            case NODE, SERVER -> Actor.Kind.KIND_NODE;
            case LOCAL, CLIENT, ANONYMOUS -> Actor.Kind.KIND_USER;
        };
        return Actor.newBuilder().setKind(kind).setName(name).setVia(viaMember).build();
    }
}
