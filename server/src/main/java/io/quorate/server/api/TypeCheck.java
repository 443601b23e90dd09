package io.quorate.server.api;

import io.grpc.Status;
import io.quorate.client.manifest.NearestName;
import io.quorate.log.v1.ObjectRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.ManifestRules;
import io.quorate.statemachine.model.ReportedTypes;
import io.quorate.v1.Manifest;
import io.quorate.v1.OcfKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Refuses a definition whose OCF or fence agent no node has: it would be committed, and fail at its first start. Only
 * what is new or changes its type is looked at. No rule of apply: a package that goes must not make a file invalid.
 */
final class TypeCheck {
    /** Any other is refused by the rules of apply, which say what is wrong with it. */
    private static final Pattern WELL_FORMED =
            Pattern.compile("ocf:[A-Za-z0-9._-]{1,64}:[A-Za-z0-9._-]{1,64}|fence_[A-Za-z0-9._-]{1,100}");

    private static final int MOST_SHOWN = 10;
    private static final int MOST_NAMES = 3;

    private TypeCheck() {}

    /** The refusal of these definitions; empty when each type is there, or when it is not known what is there. */
    static Optional<ApiException> refusal(ClusterState state, List<Manifest> manifests) {
        return ReportedTypes.known(state).flatMap(known -> refusal(state, manifests, known));
    }

    private static Optional<ApiException> refusal(
            ClusterState state, List<Manifest> manifests, NavigableSet<String> known) {
        List<String> wrong = new ArrayList<>();
        String first = "";
        for (Manifest manifest : manifests) {
            String type = type(manifest);
            if (WELL_FORMED.matcher(type).matches()
                    && !known.contains(type)
                    && !type.equals(typeNow(state, manifest))) {
                first = first.isEmpty() ? Keys.of(manifest) : first;
                String place = ManifestRules.place(manifest);
                wrong.add((place.isEmpty() ? "" : place + ": ") + Keys.of(manifest) + ": no node has " + type
                        + didYouMean(type, known));
            }
        }
        if (wrong.isEmpty()) {
            return Optional.empty();
        }
        String more = wrong.size() > MOST_SHOWN ? "; and " + (wrong.size() - MOST_SHOWN) + " more" : "";
        return Optional.of(new ApiException(
                Status.Code.INVALID_ARGUMENT,
                "UNKNOWN_TYPE",
                String.join("; ", wrong.subList(0, Math.min(wrong.size(), MOST_SHOWN))) + more,
                Map.of(
                        "object",
                        first,
                        "next_step",
                        "after installing an agent on a node, restart quorate-agent there: it looks when it starts")));
    }

    /** As nodes report it; empty for what needs no agent. */
    private static String type(Manifest manifest) {
        return switch (manifest.getSpecCase()) {
            case RESOURCE ->
                manifest.getResource().hasOcf() ? type(manifest.getResource().getOcf()) : "";
            case FENCE_DEVICE -> manifest.getFenceDevice().getType();
            case GROUP,
                    CLONE,
                    FENCE_PLAN,
                    NODE,
                    SETTINGS,
                    LOCATION,
                    COLOCATION,
                    ORDER,
                    TICKET_CONSTRAINT,
                    SPEC_NOT_SET -> "";
        };
    }

    private static String type(OcfKind ocf) {
        return "ocf:" + ocf.getProvider() + ":" + ocf.getType();
    }

    private static String typeNow(ClusterState state, Manifest manifest) {
        ObjectRow row = state.object(Keys.of(manifest));
        if (row == null) {
            return "";
        }
        if (row.hasFenceDevice()) {
            return row.getFenceDevice().getType();
        }
        return row.hasResource() && row.getResource().hasOcf()
                ? type(row.getResource().getOcf())
                : "";
    }

    private static String didYouMean(String type, Collection<String> known) {
        List<String> near = NearestName.nearest(type, known, MOST_NAMES);
        if (near.isEmpty()) {
            near = known.stream()
                    .filter(name -> lastWord(name).equals(lastWord(type)))
                    .limit(MOST_NAMES)
                    .toList();
        }
        return near.isEmpty() ? "" : " (did you mean " + String.join(" or ", near) + "?)";
    }

    /** Whose provider may be wrong. */
    private static String lastWord(String type) {
        return type.substring(type.lastIndexOf(':') + 1).toLowerCase(Locale.ROOT);
    }
}
