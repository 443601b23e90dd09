package io.quorate.client.cli.text;

import io.quorate.client.Positions;
import io.quorate.v1.CreatePlanResponse;
import io.quorate.v1.PlannedStep;
import java.util.List;
import java.util.stream.Collectors;

/** A plan for people: what changes, what moves in which order with which outage, and what is left then. */
public final class PlanText {
    private PlanText() {}

    public static String render(CreatePlanResponse plan) {
        StringBuilder text = new StringBuilder();
        text.append("plan ")
                .append(plan.getPlanId())
                .append(" at ")
                .append(Positions.format(plan.getHeader().getPosition()))
                .append('\n');
        text.append(ChangeText.render(plan.getChangesList()));
        if (plan.getStepsCount() == 0) {
            text.append("nothing is started, stopped, moved or fenced\n");
        } else {
            text.append(steps(plan));
        }
        text.append("quorum ")
                .append(plan.getQuorumHolds() ? "holds" : "is LOST")
                .append(": ")
                .append(plan.getVotersLeft())
                .append(" of ")
                .append(plan.getVoters())
                .append(plan.getVoters() == 1 ? " voter" : " voters")
                .append(" · ");
        text.append(
                plan.getCapacityHolds()
                        ? "every service has a place" + open(plan)
                        : "NO PLACE for " + String.join(", ", plan.getWithoutPlaceList()));
        return text.append('\n')
                .append(ChangeText.warnings(plan.getWarningsList()))
                .toString();
    }

    /** Those of which it is not known yet where they go. */
    private static String open(CreatePlanResponse plan) {
        List<String> open = plan.getWarningsList().stream()
                .filter(reason -> reason.getCode().equals("PLACE_OPEN") && reason.getObjectsCount() > 0)
                .map(reason -> reason.getObjects(0))
                .toList();
        return open.isEmpty() ? "" : ", not yet known for " + String.join(", ", open);
    }

    private static String steps(CreatePlanResponse plan) {
        Table table = new Table("STEP", "AFTER", "WHAT", "OUTAGE", "WHY");
        for (PlannedStep step : plan.getStepsList()) {
            table.row(
                    Integer.toString(step.getOrder()),
                    step.getAfterList().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                    what(step),
                    outage(step),
                    step.getReason().getMessage() + " (" + step.getReason().getCode() + ")");
        }
        return table.render();
    }

    private static String what(PlannedStep step) {
        String from = step.getFromNode();
        String to = step.getToNode();
        if (step.getAction().equals("fence")) {
            return "fence " + from + takes(step);
        }
        String where = from.isEmpty() || from.equals(to)
                ? " on " + to
                : to.isEmpty() ? " on " + from : " " + from + " -> " + to;
        return step.getAction() + " " + step.getInstance() + where
                + (step.hasExpectedOutage() && !migrates(step) ? "" : takes(step));
    }

    private static String takes(PlannedStep step) {
        return step.hasTakes() ? ", " + length(step, Times.span(step.getTakes())) : ", does not end";
    }

    private static boolean migrates(PlannedStep step) {
        return step.getAction().equals("migrate");
    }

    private static String outage(PlannedStep step) {
        if (migrates(step) && step.hasExpectedOutage()) {
            return "none: it is not stopped";
        }
        return step.hasExpectedOutage() ? length(step, Times.span(step.getExpectedOutage())) + known(step) : "";
    }

    private static String length(PlannedStep step, String span) {
        return (step.getSamples() == 0 ? "at most " : "about ") + span;
    }

    private static String known(PlannedStep step) {
        return switch (step.getSamples()) {
            case 0 -> " (by timeouts)";
            case 1 -> " (1 sample)";
            default -> " (" + step.getSamples() + " samples)";
        };
    }
}
