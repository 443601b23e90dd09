package io.quorate.statemachine.apply;

import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.LookRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.ProbeUnit;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Somebody asks where a unit really runs: nodes look again. What they find counts as any finding does (MultipleActive, the
 * owner's own monitor); what they do not find frees nothing, and no grant waits for them that did not before.
 */
final class ProbeRules {
    private ProbeRules() {}

    static List<Rule<?>> all() {
        return List.of(new Rule<>(
                CommandKind.PROBE_UNIT,
                Command::getProbeUnit,
                List.of(
                        UnitRules.unitKnown(ProbeUnit::getUnit),
                        UnitRules.operationLimit(),
                        new Guard<>("ProbeTarget", RejectCode.NODE_NOT_UP, ProbeRules::target)),
                ProbeRules::probe));
    }

    private static @Nullable Rejection target(Situation situation, ProbeUnit probe) {
        return probe.getNode().isEmpty() ? null : UnitRules.nodeUp(situation.state(), probe.getNode());
    }

    private static void probe(Draft draft, ProbeUnit probe, CommandResult.Builder result) {
        ObjectRow unit = Objects.requireNonNull(draft.state().object(probe.getUnit()));
        List<InstanceRow> instances = Units.instances(draft.state(), unit);
        for (NodeRow node : List.copyOf(draft.state().nodes().values())) {
            boolean asked = probe.getNode().isEmpty()
                    ? node.getPhase() == NodePhase.NODE_PHASE_UP
                    : node.getName().equals(probe.getNode());
            if (asked && !instances.isEmpty()) {
                ask(draft, node, instances);
            }
        }
        draft.event(Events.of("PROBE_ASKED", probe.getUnit())
                .setToNode(probe.getNode())
                .setText("probe of " + Keys.bare(probe.getUnit())
                        + (probe.getNode().isEmpty() ? "" : " on " + probe.getNode()) + UnitRules.because(draft)));
        result.setObject(Keys.OPERATIONS + draft.startOperation("probe", probe.getNode(), probe.getUnit()));
        UnitRules.trimOperations(draft);
    }

    /** One look at an instance at a time: an answer to the later question is one to the earlier. */
    private static void ask(Draft draft, NodeRow node, List<InstanceRow> instances) {
        List<String> ids = instances.stream()
                .filter(instance -> !Migrations.isArrival(instance))
                .map(InstanceRow::getId)
                .toList();
        List<LookRow> looks = new ArrayList<>(looks(draft.state(), node));
        looks.removeIf(look -> ids.contains(look.getInstance()));
        ids.forEach(id -> looks.add(
                LookRow.newBuilder().setInstance(id).setSince(draft.revision()).build()));
        draft.put(node.toBuilder().clearLooks().addAllLooks(looks));
    }

    /** What the node was asked and has not answered. An instance that is gone needs no answer. */
    static List<LookRow> looks(ClusterState state, NodeRow node) {
        return node.getLooksList().stream()
                .filter(look -> state.instance(look.getInstance()) != null)
                .toList();
    }

    /** The look is over, and the operation that asked for it says what it found. */
    static void answered(Draft draft, String name, ProbeReport probe, boolean own) {
        NodeRow node = Objects.requireNonNull(draft.state().node(name));
        List<LookRow> left = new ArrayList<>();
        for (LookRow look : node.getLooksList()) {
            if (!look.getInstance().equals(probe.getInstance()) || look.getSince() > probe.getSince()) {
                left.add(look);
            } else {
                tell(draft, look.getSince(), finding(name, probe, own));
            }
        }
        if (left.size() != node.getLooksCount()) {
            draft.put(node.toBuilder().clearLooks().addAllLooks(left));
        }
    }

    /** What no longer fits is in the history: FOUND_RUNNING. */
    private static void tell(Draft draft, long since, String finding) {
        for (OperationRow operation : List.copyOf(draft.state().operations().values())) {
            boolean asked = operation.getStartedRevision() == since
                    && operation.getState() == OperationState.OPERATION_STATE_RUNNING;
            String detail =
                    operation.getDetail().isEmpty() ? finding : String.join(" · ", operation.getDetail(), finding);
            if (asked && !finding.isEmpty() && detail.length() <= Limits.OPERATION_DETAIL_CHARACTERS) {
                draft.put(operation.toBuilder().setDetail(detail));
            }
        }
    }

    /** Empty for what is as anybody would expect: it does not run where nobody thinks that it does. */
    private static String finding(String node, ProbeReport probe, boolean own) {
        String what = probe.getInstance();
        return switch (probe.getFinding()) {
            case FINDING_RUNNING -> what + " runs on " + node + (own ? "" : ", which does not own it");
            case FINDING_NOT_RUNNING -> own ? what + " does not run on " + node + ", which owns it" : "";
            case FINDING_ERROR, FINDING_UNSPECIFIED, UNRECOGNIZED ->
                node + " cannot tell whether it runs " + what
                        + (probe.getDetail().getExitName().isEmpty()
                                ? ""
                                : ": " + probe.getDetail().getExitName());
        };
    }
}
