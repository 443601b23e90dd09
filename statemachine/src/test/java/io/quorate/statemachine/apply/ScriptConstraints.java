package io.quorate.statemachine.apply;

import io.quorate.statemachine.model.ManifestLimits;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Follow;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The words of scripts for what resources say of each other: {@code near:db}, {@code apart:db:500}, {@code follow:db} on
 * a resource or a group; {@code location L web n1:100 disk=ssd:200}; {@code colocation C web db 500};
 * {@code order O db web optional}; sets as {@code colocation C a,b c|d}, where {@code |} stands between parallel members;
 * {@code needs N ticket web promoted loss:fence}.
 */
final class ScriptConstraints {
    private ScriptConstraints() {}

    static boolean isShortForm(String word) {
        return word.matches("(near|apart|follow):.*");
    }

    static void shortForms(List<String> words, ResourceSpec.Builder spec) {
        for (String word : words) {
            if (word.startsWith("follow:")) {
                spec.setFollow(follow(word));
            } else if (isShortForm(word)) {
                placement(word, spec.getPlacementBuilder());
            }
        }
    }

    static void shortForms(List<String> words, GroupSpec.Builder spec) {
        for (String word : words) {
            if (word.startsWith("follow:")) {
                spec.setFollow(follow(word));
            } else if (isShortForm(word)) {
                placement(word, spec.getPlacementBuilder());
            }
        }
    }

    static void shortForms(List<String> words, CloneSpec.Builder spec) {
        for (String word : words) {
            if (word.startsWith("follow:")) {
                spec.setFollow(follow(word));
            } else if (isShortForm(word)) {
                placement(word, spec.getPlacementBuilder());
            }
        }
    }

    private static Follow follow(String word) {
        String[] parts = word.split(":", -1);
        Follow.Builder follow = Follow.newBuilder().setResource(parts[1]);
        return parts.length < 3
                ? follow.build()
                : follow.setRole(Role.valueOf("ROLE_" + parts[2].toUpperCase(Locale.ROOT)))
                        .build();
    }

    private static void placement(String word, Placement.Builder placement) {
        String[] parts = word.split(":", -1);
        int score = parts.length > 2 ? Integer.parseInt(parts[2]) : ManifestLimits.MAX_SCORE;
        if (parts[0].equals("near")) {
            placement.putNear(parts[1], score);
        } else {
            placement.putApartFrom(parts[1], score);
        }
    }

    /** Reads one of the long forms; false when the kind is none of them. */
    static boolean read(String kind, List<String> words, Manifest.Builder manifest) {
        switch (kind) {
            case "location" -> location(words, manifest.getLocationBuilder());
            case "colocation" -> colocation(words, manifest.getColocationBuilder());
            case "order" -> order(words, manifest.getOrderBuilder());
            case "needs" -> needs(words, manifest.getTicketConstraintBuilder());
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void location(List<String> words, LocationSpec.Builder spec) {
        spec.setResource(words.get(0));
        for (String word : words.subList(1, words.size())) {
            String[] parts = word.split(":", -1);
            int score = Integer.parseInt(parts[1]);
            String[] label = parts[0].split("=", -1);
            if (label.length == 1) {
                spec.putNodes(parts[0], score);
            } else {
                spec.addRules(LocationRule.newBuilder()
                        .setScore(score)
                        .addMatches(NodeMatch.newBuilder().setLabel(label[0]).setValue(label[1])));
            }
        }
    }

    private static void colocation(List<String> words, ColocationSpec.Builder spec) {
        for (String word : words) {
            if (word.matches("[+-]?[0-9]+")) {
                spec.setScore(Integer.parseInt(word));
            } else if (isSet(word)) {
                spec.addSets(set(word));
            } else if (spec.getResource().isEmpty()) {
                spec.setResource(word);
            } else {
                spec.setWithResource(word);
            }
        }
    }

    private static void order(List<String> words, OrderSpec.Builder spec) {
        for (String word : words) {
            switch (word) {
                case "mandatory", "optional", "serialize" ->
                    spec.setKind(OrderKind.valueOf("ORDER_KIND_" + word.toUpperCase(Locale.ROOT)));
                case "asymmetrical" -> spec.setAsymmetrical(true);
                case "promote" -> spec.setFirstAction(OrderAction.ORDER_ACTION_PROMOTE);
                case "start" -> spec.setThenAction(OrderAction.ORDER_ACTION_START);
                default -> {
                    if (isSet(word)) {
                        spec.addSets(set(word));
                    } else if (spec.getFirst().isEmpty()) {
                        spec.setFirst(word);
                    } else {
                        spec.setThen(word);
                    }
                }
            }
        }
    }

    private static void needs(List<String> words, TicketConstraintSpec.Builder spec) {
        spec.setTicket(words.get(0));
        for (String word : words.subList(1, words.size())) {
            switch (word) {
                case "promoted", "unpromoted" -> spec.setRole(Role.valueOf("ROLE_" + word.toUpperCase(Locale.ROOT)));
                case "loss:stop", "loss:demote", "loss:fence", "loss:freeze" ->
                    spec.setLossPolicy(LossPolicy.valueOf(
                            "LOSS_POLICY_" + word.substring("loss:".length()).toUpperCase(Locale.ROOT)));
                default -> spec.addResources(word);
            }
        }
    }

    private static boolean isSet(String word) {
        return word.contains(",") || word.contains("|");
    }

    private static ConstraintSet set(String word) {
        return ConstraintSet.newBuilder()
                .addAllResources(Arrays.stream(word.split("[,|]", -1))
                        .filter(name -> !name.isEmpty())
                        .toList())
                .setParallel(word.contains("|"))
                .build();
    }
}
