package io.quorate.statemachine.apply;

import io.quorate.agent.v1.AttributeReport;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Promotion scores: what resource agents say of a promotion on their node. They last as long as what they were said of. */
final class ScoreRules {
    private ScoreRules() {}

    static List<Rule<?>> all() {
        return List.of(new Rule<>(
                CommandKind.REPORT_ATTRIBUTES,
                Command::getReportAttributes,
                List.of(
                        NodeGuards.known(ReportAttributes::getNode),
                        NodeGuards.incarnation(ReportAttributes::getNode, ReportAttributes::getIncarnation),
                        NodeGuards.session(ReportAttributes::getNode, ReportAttributes::getSession),
                        NodeGuards.inContact(ReportAttributes::getNode),
                        new Guard<>("AttributeLimit", RejectCode.LIMIT_REACHED, ScoreRules::limit)),
                ScoreRules::report));
    }

    private static @Nullable Rejection limit(Situation situation, ReportAttributes report) {
        ClusterState state = situation.state();
        NavigableSet<String> names = new TreeSet<>();
        names(state, report.getNode(), names);
        for (AttributeReport attribute : report.getAttributesList()) {
            if (isScore(state, attribute) && !attribute.getValue().isEmpty()) {
                names.add(attribute.getName());
            }
        }
        boolean few =
                names.size() <= Limits.ATTRIBUTES_PER_NODE && report.getAttributesCount() <= Limits.ATTRIBUTES_PER_NODE;
        return few
                ? null
                : Rejection.of(
                        RejectCode.LIMIT_REACHED,
                        Keys.node(report.getNode()),
                        report.getNode() + " would have more than " + Limits.ATTRIBUTES_PER_NODE + " attributes");
    }

    private static void names(ClusterState state, String node, NavigableSet<String> into) {
        for (AttributeRow row : state.attributes().values()) {
            if (row.getNode().equals(node)) {
                into.add(row.getName());
            }
        }
    }

    /** A score, or the removal of one, of a clone that there is. An agent may still speak of one that is gone. */
    private static boolean isScore(ClusterState state, AttributeReport attribute) {
        String clone = Clones.cloneOfScore(attribute.getName());
        boolean said = attribute.getValue().isEmpty()
                || Clones.parseScore(attribute.getValue()).isPresent();
        return clone != null && said && state.object(Keys.clone(clone)) != null;
    }

    private static void report(Draft draft, ReportAttributes report, CommandResult.Builder result) {
        for (AttributeReport attribute : report.getAttributesList()) {
            if (!isScore(draft.state(), attribute)) {
                continue;
            }
            AttributeRow old = draft.state().attributes().get(report.getNode() + "/" + attribute.getName());
            if (attribute.getValue().isEmpty()) {
                remove(draft, report.getNode(), attribute.getName());
            } else if (old == null || !old.getValue().equals(attribute.getValue())) {
                draft.put(AttributeRow.newBuilder()
                        .setNode(report.getNode())
                        .setName(attribute.getName())
                        .setValue(attribute.getValue()));
            }
            result.setCount(result.getCount() + 1);
        }
    }

    private static void remove(Draft draft, String node, String name) {
        if (draft.state().attributes().containsKey(node + "/" + name)) {
            draft.deleteAttribute(node, name);
        }
    }

    /** A life of the node has ended: what agents said in it is said of nothing any more. */
    static void forgetNode(Draft draft, String node) {
        for (AttributeRow row : List.copyOf(draft.state().attributes().values())) {
            if (row.getNode().equals(node) && Clones.cloneOfScore(row.getName()) != null) {
                draft.deleteAttribute(node, row.getName());
            }
        }
    }

    /** A copy on the node was freed: if it was the last one there, its score goes too. */
    static void forgetUnlessOwned(Draft draft, ObjectRow clone, String node) {
        boolean owned = Clones.copies(draft.state(), clone).stream()
                .anyMatch(copy ->
                        copy.hasOwnership() && copy.getOwnership().getNode().equals(node));
        if (!owned) {
            remove(draft, node, Clones.scoreName(clone.getMeta().getName()));
        }
    }

    /** The clone is gone. */
    static void forgetClone(Draft draft, ObjectRow clone) {
        for (String node : draft.state().nodes().keySet()) {
            remove(draft, node, Clones.scoreName(clone.getMeta().getName()));
        }
    }
}
