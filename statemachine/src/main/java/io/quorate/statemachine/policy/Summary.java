package io.quorate.statemachine.policy;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.policy.Explanation.OfUnit;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/** One sentence about a cluster: what a person on call reads first. */
final class Summary {
    private Summary() {}

    static String of(ClusterState state, SortedMap<String, OfUnit> units) {
        List<OfUnit> wanted = units.values().stream().filter(OfUnit::wanted).toList();
        List<OfUnit> down = wanted.stream().filter(unit -> !runs(unit)).toList();
        String services = wanted.isEmpty() ? "no service is meant to run" : running(wanted, down);
        if (state.isPaused()) {
            return "PAUSED: " + services;
        }
        return wanted.isEmpty() || !down.isEmpty() ? services : services + " · " + survival(wanted);
    }

    private static boolean runs(OfUnit unit) {
        return RunStates.isUp(unit.state());
    }

    private static String running(Collection<OfUnit> wanted, List<OfUnit> down) {
        if (down.isEmpty()) {
            return wanted.size() == 1 ? "the only service runs" : "all " + wanted.size() + " services run";
        }
        List<String> words = new ArrayList<>();
        for (OfUnit unit : down) {
            words.add(Keys.bare(unit.key()) + " " + why(unit));
        }
        int shown = Math.min(3, words.size());
        String more = words.size() > shown ? " and " + (words.size() - shown) + " more" : "";
        return (wanted.size() - down.size()) + " of " + wanted.size() + " services run · "
                + String.join("; ", words.subList(0, shown)) + more;
    }

    private static String why(OfUnit unit) {
        return unit.reasons().stream()
                .min(Comparator.comparing(Explainer::severity))
                .map(Reason::getCode)
                .map(code -> "is not up: " + code)
                .orElse("is not up");
    }

    private static String survival(List<OfUnit> wanted) {
        List<OfUnit> fragile =
                wanted.stream().filter(unit -> !unit.survival().survives()).toList();
        if (fragile.isEmpty()) {
            return "survives the loss of any 1 node";
        }
        OfUnit first = fragile.get(0);
        String code = first.survival().whyNot().map(Reason::getCode).orElse("");
        String others = fragile.size() == 1 ? "" : " and " + (fragile.size() - 1) + " more";
        return Keys.bare(first.key()) + others + " would not survive the loss of its node (" + code + ")";
    }
}
