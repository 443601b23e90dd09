package io.quorate.server.api;

import io.grpc.Status;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.VoterRow;
import io.quorate.peer.v1.ForwardCallRequest;
import io.quorate.server.api.Caller.Role;
import io.quorate.server.api.Permissions.Permission;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.v1.Member;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server may ask the leader for, and in whose name. A certificate of a server is held by every host that ever
 * joined as one, so it opens no more than its host needs: reads, the changes of its clients while it votes, and its own
 * admission. Pure.
 */
final class PeerRules {
    private PeerRules() {}

    /** Only what a follower's API proposes, stamped with its client, passes; a leader's or a node's command never travels. */
    static void requireMayPropose(Caller peer, Command command, ClusterState state) {
        Actor.Kind kind = command.getActor().getKind();
        if (kind == Actor.Kind.KIND_LEADER || command.getFormedInTerm() != 0) {
            throw ApiException.invalid("a leader's own command cannot be forwarded");
        }
        boolean join = command.getKindCase() == Command.KindCase.USE_JOIN_TOKEN && kind == Actor.Kind.KIND_SYSTEM;
        boolean ofClient = kind == Actor.Kind.KIND_USER
                && !command.getActor().getName().isEmpty()
                // these are steps of ReplaceMember, which the leader takes together with Raft's own
                && command.getKindCase() != Command.KindCase.REGISTER_VOTER
                && command.getKindCase() != Command.KindCase.REMOVE_VOTER;
        if (!join && !ofClient) {
            throw denied(peer, command.getKindCase() + " in the name of " + shown(command.getActor()));
        }
        requireVoter(peer, state);
    }

    /** For whom a forwarded call is made; that caller's own permission is asked here again. */
    static Caller requireMayCall(Caller peer, ForwardCallRequest request, ClusterState state) {
        Actor actor = request.getActor();
        String what = request.getMethod() + " in the name of " + shown(actor);
        if (actor.getKind() == Actor.Kind.KIND_NODE) {
            boolean itself = peer.role() == Role.LOCAL || actor.getName().equals(peer.name());
            if (!itself || !request.getMethod().equals(ClusterServiceImpl.REPLACE.name())) {
                throw denied(peer, what);
            }
            return new Caller(Role.SERVER, actor.getName());
        }
        Caller client = new Caller(Role.CLIENT, actor.getName());
        Optional<Status> refusal = Authorizer.authorize(client, request.getMethod());
        if (actor.getKind() != Actor.Kind.KIND_USER || actor.getName().isEmpty() || refusal.isPresent()) {
            throw denied(peer, what);
        }
        boolean reads = Permissions.of(request.getMethod())
                .filter(Permission.READ::equals)
                .isPresent();
        if (!reads) {
            requireVoter(peer, state);
        }
        return client;
    }

    /**
     * A server is let in by its own word for itself alone: no other member goes in its place.
     *
     * @param caller of ReplaceMember
     * @param coming name of the member that comes
     * @param going name of the member that goes; empty when nobody does
     */
    static void requireMayReplace(Caller caller, String coming, String going) {
        boolean others = !coming.equals(caller.name()) || !(going.isEmpty() || going.equals(caller.name()));
        if (caller.role() == Role.SERVER && others) {
            throw denied(caller, "the replacement of " + (going.isEmpty() ? "nobody" : going) + " by " + coming);
        }
    }

    /**
     * Who goes when a server lets itself in: it takes the place of whoever of its name still counts, whether it knows of
     * that one or not. Else one certificate could bring in any number of voters.
     *
     * @param going id of the member that the request names; empty when it names nobody
     * @return id of the member that goes; empty when nobody does
     */
    static String placeOf(Caller caller, Member coming, String going, ClusterState state) {
        if (caller.role() != Role.SERVER) {
            return going;
        }
        List<String> former = state.voters().values().stream()
                .filter(row -> !row.getRemoved() && row.getName().equals(coming.getName()))
                .map(VoterRow::getId)
                .filter(id -> !id.equals(coming.getId()))
                .toList();
        return former.isEmpty() || former.contains(going) ? going : former.get(0);
    }

    /** One that does not vote yet, or no more, vouches for nobody; its client goes to another server. */
    private static void requireVoter(Caller peer, ClusterState state) {
        boolean votes = peer.role() == Role.LOCAL
                || state.voters().values().stream()
                        .anyMatch(row -> !row.getRemoved() && row.getName().equals(peer.name()));
        if (!votes) {
            throw ApiException.unavailable(
                    "NOT_A_VOTER", peer.name() + " is no voter of this cluster: it changes nothing for its clients");
        }
    }

    private static String shown(Actor actor) {
        return actor.getKind().name().replace("KIND_", "") + " " + actor.getName();
    }

    private static ApiException denied(Caller peer, String what) {
        return new ApiException(
                Status.Code.PERMISSION_DENIED,
                "PERMISSION_DENIED",
                "%s %s may not ask for %s".formatted(peer.role(), peer.name(), what),
                Map.of());
    }
}
