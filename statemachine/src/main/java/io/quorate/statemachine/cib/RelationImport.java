package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Targets.Obstacle;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The verdict on a constraint between resources of which a part may have no counterpart. */
final class RelationImport {
    /** Resources in one constraint: more are no rule that somebody keeps in mind, and their pairs would be too many. */
    static final int MAX_RESOURCES = 300;
    /** Rules that one constraint may become. */
    static final int MAX_RULES = 1_000;

    private final Targets targets;
    private final Set<String> texts = new LinkedHashSet<>();
    private boolean lost;
    private boolean protectionLost;

    RelationImport(Targets targets) {
        this.targets = targets;
    }

    /** Whether both can be named in a rule; what keeps them from it is part of the verdict. */
    boolean isPossible(String one, String other, boolean must) {
        Optional<Obstacle> first = targets.obstacle(one);
        Optional<Obstacle> second = targets.obstacle(other);
        if (first.isEmpty() && second.isEmpty()) {
            return true;
        }
        first.ifPresent(obstacle -> texts.add(obstacle.text()));
        second.ifPresent(obstacle -> texts.add(obstacle.text()));
        boolean onlyDevices =
                isOrCanBe(first, Targets.Kind.FENCE_DEVICE) && isOrCanBe(second, Targets.Kind.FENCE_DEVICE);
        lost |= !onlyDevices;
        // It protects what is still there from something that is there, too.
        boolean isBinding = isOrCanBe(first, Targets.Kind.LEFT_OUT)
                && isOrCanBe(second, Targets.Kind.LEFT_OUT)
                && (first.isEmpty() || second.isEmpty());
        protectionLost |= must && isBinding;
        return false;
    }

    private static boolean isOrCanBe(Optional<Obstacle> obstacle, Targets.Kind kind) {
        return obstacle.isEmpty() || obstacle.get().kind() == kind;
    }

    /** Something is not there for a reason of its own. */
    void lost(String text, boolean protective) {
        texts.add(text);
        lost = true;
        protectionLost |= protective;
    }

    /** Something is there in another way. */
    void changed(String text) {
        texts.add(text);
    }

    boolean isWhole() {
        return texts.isEmpty();
    }

    /** @param written how many rules it became; the last of them has this name */
    void tell(Findings findings, Element element, String subject, int written, String kind, String name) {
        String rules = written == 0
                ? ""
                : written == 1 ? "the " + kind + " " + name : written + " objects, one for each pair, up to " + name;
        tell(findings, element, subject, written, rules);
    }

    /** @param rules what they are; empty when none was written */
    void tell(Findings findings, Element element, String subject, int written, String rules) {
        String why = String.join("; ", texts);
        if (texts.isEmpty() && written == 0) {
            findings.kept(element, subject, "it relates nothing, and nothing was written");
        } else if (texts.isEmpty() && written == 1) {
            findings.kept(element, subject, rules);
        } else if (texts.isEmpty()) {
            findings.changed(element, subject, rules);
        } else {
            String text = written == 0 ? why : why + "; the rest is " + rules;
            if (protectionLost) {
                findings.protectionLost(element, subject, text);
            } else if (lost) {
                findings.lost(element, subject, text);
            } else {
                findings.changed(element, subject, text);
            }
        }
    }
}
