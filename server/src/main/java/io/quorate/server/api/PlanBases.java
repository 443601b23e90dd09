package io.quorate.server.api;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.EventRow;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.Wire;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.Manifest;
import io.quorate.v1.PlanBasis;
import io.quorate.v1.Position;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What plans relied on, and what has become of it. Whoever has a basis carries it to any server; nothing is stored. It can
 * only add conditions to an apply, so it needs no seal: who alters one deceives himself alone.
 */
final class PlanBases {
    private static final int ID_BYTES = 6;
    private static final int MOST_SHOWN = 5;

    private PlanBases() {}

    /** The basis of a plan that was made of this state. */
    static PlanBasis of(ClusterState state, List<ObjectRevision> reads, ByteString content) {
        PlanBasis.Builder basis = PlanBasis.newBuilder()
                .setClusterId(state.meta().getClusterId())
                .setPosition(state.position())
                .setContentDigest(content);
        reads.forEach(read -> basis.putObjectRevisions(read.getObject(), read.getRevision()));
        return basis.setPlanId(id(basis.build())).build();
    }

    /** What is to be applied, by its meaning: not by the file that it stands in. */
    static ByteString content(List<Manifest> manifests, String pruneSet, boolean allowUnfenced) {
        ApplyManifestsRequest.Builder content =
                ApplyManifestsRequest.newBuilder().setPruneSet(pruneSet).setAllowUnfenced(allowUnfenced);
        for (Manifest manifest : manifests) {
            content.addManifests(manifest.toBuilder().clearSource().clearLine().clearColumn());
        }
        return ByteString.copyFrom(DigestSum.sha256(Wire.bytes(content.build())));
    }

    /** Without the position: the same question on the same objects is the same plan. */
    private static String id(PlanBasis basis) {
        PlanBasis named = basis.toBuilder()
                .clearPlanId()
                .setPosition(
                        Position.newBuilder().setGeneration(basis.getPosition().getGeneration()))
                .build();
        MessageDigest digest = DigestSum.sha256();
        return "p-" + HexFormat.of().formatHex(digest.digest(Wire.bytes(named)), 0, ID_BYTES);
    }

    /** Refuses a basis that is not of this apply, or not of this cluster. */
    static void require(ClusterState state, ApplyManifestsRequest request) {
        PlanBasis basis = request.getPlan();
        if (!id(basis).equals(basis.getPlanId())) {
            throw other("the plan " + basis.getPlanId() + " is not as it was made");
        }
        if (!basis.getClusterId().equals(state.meta().getClusterId())) {
            throw other("the plan " + basis.getPlanId() + " was made on the cluster " + basis.getClusterId()
                    + ", this one is " + state.meta().getClusterId());
        }
        ByteString content = content(request.getManifestsList(), request.getPruneSet(), request.getAllowUnfenced());
        if (!basis.getContentDigest().equals(content)) {
            throw other("the plan " + basis.getPlanId() + " was made for other manifests");
        }
        if (basis.getPosition().getGeneration() != state.generation()) {
            throw stale(basis, List.of("the cluster was restored from a backup"), state);
        }
    }

    private static ApiException other(String message) {
        return new ApiException(Status.Code.INVALID_ARGUMENT, "OTHER_PLAN", message, Map.of("next_step", "plan again"));
    }

    /** The read set of a plan, for the guard that compares it in the commit. */
    static void addReads(PlanBasis basis, Command.Builder command) {
        new TreeMap<>(basis.getObjectRevisionsMap())
                .forEach((object, revision) -> command.addReadSet(
                        ObjectRevision.newBuilder().setObject(object).setRevision(revision)));
    }

    /** Whether a refusal is about what the plan relied on. */
    static boolean isStale(PlanBasis basis, CommandResult refusal) {
        return refusal.getCode() == RejectCode.STALE_READ.number()
                && basis.containsObjectRevisions(refusal.getObject());
    }

    /** Says everything that has moved, as this replica knows it. */
    static ApiException stale(PlanBasis basis, CommandResult refusal, ClusterState now) {
        List<String> moved = new ArrayList<>();
        new TreeMap<>(basis.getObjectRevisionsMap()).forEach((object, revision) -> {
            long present = now.revisionOf(object);
            if (present != revision) {
                moved.add(moved(now, object, revision, present));
            }
        });
        return stale(basis, moved.isEmpty() ? List.of(refusal.getMessage()) : moved, now);
    }

    private static String moved(ClusterState now, String object, long revision, long present) {
        String was = revision == 0 ? "did not exist" : "was at " + position(now, revision);
        String is = present == 0 ? "is gone" : "is at " + position(now, present);
        String why = now.events().values().stream()
                .filter(event -> event.getRevision() == present && present != 0)
                .map(EventRow::getText)
                .findFirst()
                .map(text -> " (" + text + ")")
                .orElse("");
        return object + " " + was + " and " + is + why;
    }

    private static String position(ClusterState state, long revision) {
        return Positions.format(Positions.of(state.generation(), revision));
    }

    private static ApiException stale(PlanBasis basis, List<String> moved, ClusterState now) {
        int shown = Math.min(MOST_SHOWN, moved.size());
        String more = moved.size() > shown ? "; and " + (moved.size() - shown) + " more" : "";
        return new ApiException(
                Status.Code.ABORTED,
                "STALE_PLAN",
                "changed since the plan " + basis.getPlanId() + " of " + Positions.format(basis.getPosition()) + ": "
                        + String.join("; ", moved.subList(0, shown)) + more,
                Map.of("position", Positions.format(now.position()), "next_step", "quorate plan -f FILE"));
    }
}
