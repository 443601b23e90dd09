package io.quorate.statemachine.forecast;

import io.quorate.log.v1.ObjectRevision;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Quorum;
import io.quorate.statemachine.policy.ReasonCode;
import io.quorate.v1.PlannedStep;
import io.quorate.v1.Reason;
import java.util.List;
import java.util.Optional;

/**
 * What would happen.
 *
 * @param steps in the order in which they begin
 * @param reads what the decisions, and the change of the configuration, relied on: keys of the state that was looked at,
 *     with their revisions there
 * @param warnings what needs a person in the end, and does not now
 * @param withoutPlace keys of units that should run and do not in the end
 * @param configured the state with the manifests applied, before anything else has happened
 * @param end the state in the end
 */
public record Forecast(
        List<PlannedStep> steps,
        List<ObjectRevision> reads,
        Quorum quorum,
        boolean comesToRest,
        List<Reason> warnings,
        List<String> withoutPlace,
        ClusterState configured,
        ClusterState end) {
    public Forecast {
        steps = List.copyOf(steps);
        reads = List.copyOf(reads);
        warnings = List.copyOf(warnings);
        withoutPlace = List.copyOf(withoutPlace);
    }

    /**
     * The step that takes a unit away again from where a person moves it; empty when it stays there, or does not get there.
     */
    public Optional<PlannedStep> undoes(String instance) {
        boolean moved = false;
        for (PlannedStep step : steps) {
            if (step.getInstance().equals(instance)) {
                if (moved
                        && (step.getAction().equals("move") || step.getAction().equals("migrate"))) {
                    return Optional.of(step);
                }
                moved |= step.getReason().getCode().equals(ReasonCode.MOVE_REQUESTED.name());
            }
        }
        return Optional.empty();
    }

    /** The step that demotes a copy again that a person has the promoted role moved to; empty when it stays promoted. */
    public Optional<PlannedStep> undoesSwitchover(String clone) {
        boolean asked = false;
        String to = "";
        for (PlannedStep step : steps) {
            boolean demotes = step.getAction().equals("demote");
            if (!Clones.isPromotionId(clone, step.getInstance())) {
                continue;
            }
            if (demotes && !to.isEmpty() && step.getFromNode().equals(to)) {
                return Optional.of(step);
            }
            asked |= demotes && step.getReason().getCode().equals(ReasonCode.MOVE_REQUESTED.name());
            if (asked && to.isEmpty() && step.getAction().equals("promote")) {
                to = step.getToNode();
            }
        }
        return Optional.empty();
    }
}
