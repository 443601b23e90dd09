package io.quorate.client.cli.text;

import io.quorate.client.Positions;
import io.quorate.v1.GetStatusResponse;
import io.quorate.v1.LeaderCounters;
import io.quorate.v1.Member;
import io.quorate.v1.Node;
import io.quorate.v1.NodePhase;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.Reason;
import io.quorate.v1.ResponseHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One screen: a sentence, what needs a person, services and nodes. */
public final class StatusScreen {
    private final GetStatusResponse status;
    private final long nowMillis;
    private final boolean wide;
    private final List<Unit> units;

    public StatusScreen(GetStatusResponse status, long nowMillis, boolean wide) {
        this.status = status;
        this.nowMillis = nowMillis;
        this.wide = wide;
        this.units = Stream.of(
                        status.getClonesList().stream().map(Unit::of),
                        status.getGroupsList().stream().filter(Unit::isUnit).map(Unit::of),
                        status.getResourcesList().stream().filter(Unit::isUnit).map(Unit::of))
                .flatMap(each -> each)
                .toList();
    }

    /** Whether anything is not as it should be: the answer of {@code --exit-code}. */
    public boolean degraded() {
        return status.hasPaused()
                || !down().isEmpty()
                || status.getNodesList().stream().anyMatch(StatusScreen::missing)
                || status.getMembersList().stream().anyMatch(member -> !member.getReachable());
    }

    public String render() {
        StringBuilder text = new StringBuilder();
        text.append(status.getClusterName()).append(": ").append(sentence()).append('\n');
        text.append(facts()).append('\n');
        String attention = attention();
        if (!attention.isEmpty()) {
            text.append('\n').append(attention);
        }
        if (!units.isEmpty()) {
            text.append('\n').append(Tables.units(units, nowMillis, wide));
        }
        if (status.getNodesCount() > 0) {
            text.append('\n').append(Tables.nodes(status.getNodesList(), nowMillis, wide));
        }
        if (status.getRunningOperationsCount() > 0) {
            text.append('\n').append(Tables.operations(status.getRunningOperationsList(), nowMillis));
        }
        return text.toString();
    }

    /** What a person on call must know first. */
    public String sentence() {
        if (!status.getQuorum()) {
            return "NO QUORUM (" + reach() + ") · nothing can be changed or moved · quorate help recover";
        }
        List<Unit> down = down();
        String paused = status.hasPaused() ? " · PAUSED: " + status.getPaused().getMessage() + " · quorate resume" : "";
        if (!down.isEmpty()) {
            return downSentence(down) + paused;
        }
        long wanted = units.stream().filter(Unit::wanted).count();
        if (wanted == 0) {
            return (units.isEmpty() ? "no services yet · quorate apply -f FILE" : "no service is meant to run")
                    + paused;
        }
        return (wanted == 1 ? "the one service runs" : "all " + wanted + " services run")
                + missingCopies()
                + " · "
                + survival()
                + paused;
    }

    /** A clone runs when any of it does; that it has fewer copies than its file asks for is said beside it. */
    private String missingCopies() {
        List<String> missing = status.getClonesList().stream()
                .filter(clone -> clone.getSpec().hasMax() && Unit.of(clone).wanted())
                .filter(clone -> Unit.of(clone).copiesUp() < clone.getSpec().getMax())
                .map(clone ->
                        Unit.of(clone).copiesUp() + " of " + clone.getSpec().getMax() + " copies of "
                                + clone.getMeta().getName())
                .toList();
        return missing.isEmpty()
                ? ""
                : ", but only " + missing.stream().limit(3).collect(Collectors.joining(", "))
                        + (missing.size() > 3 ? " …" : "");
    }

    private String downSentence(List<Unit> down) {
        Unit worst = down.get(0);
        String age = Times.age(worst.since(), nowMillis);
        String why = worst.reasons().stream()
                .findFirst()
                .map(reason -> ": " + reason.getMessage())
                .orElse("");
        if (down.size() == 1) {
            return worst.name() + " " + worst.stateWord() + (age.isEmpty() ? "" : " " + age) + why;
        }
        String names = down.stream().map(Unit::name).limit(5).collect(Collectors.joining(", "));
        return down.size() + " of " + units.stream().filter(Unit::wanted).count() + " services do not run: " + names
                + (down.size() > 5 ? " …" : "");
    }

    private String survival() {
        List<String> fragile = units.stream()
                .filter(unit -> unit.wanted() && !unit.status().getSurvivesNodeLoss())
                .map(Unit::name)
                .toList();
        if (fragile.isEmpty()) {
            return mayLoseVoter() ? "survives the loss of any one node" : "would not survive the loss of another voter";
        }
        return "would not survive the loss of its node: "
                + fragile.stream().limit(5).collect(Collectors.joining(", "))
                + (fragile.size() > 5 ? " …" : "");
    }

    /** Whether the others are a majority once one more of those that answer does not. */
    private boolean mayLoseVoter() {
        return status.getMembersCount() == 0 || (reachable() - 1) * 2 > status.getMembersCount();
    }

    private long reachable() {
        return status.getMembersList().stream().filter(Member::getReachable).count();
    }

    private String facts() {
        List<String> facts = new ArrayList<>();
        ResponseHeader header = status.getHeader();
        facts.add("quorum " + reachable() + "/" + status.getMembersCount());
        facts.add("leader " + (header.getLeader().isEmpty() ? "none" : memberName(header.getLeader())));
        facts.add("position " + Positions.format(header.getPosition()));
        facts.add("level " + status.getFeatureLevel());
        facts.add(nodeCounts());
        if (header.getServedAs() == ReadConsistency.READ_CONSISTENCY_STALE) {
            facts.add("STALE" + (header.hasStaleness() ? " " + Times.span(header.getStaleness()) : "") + ", from "
                    + memberName(header.getAnsweredBy()));
        }
        if (wide && status.hasCounters()) {
            facts.add(decisions(status.getCounters()));
        }
        return String.join(" · ", facts);
    }

    /** A refusal now and then is a state that moved meanwhile; repeated ones mean that policy and rules disagree. */
    private static String decisions(LeaderCounters counters) {
        String refused = new TreeMap<>(counters.getRefusalsMap())
                .entrySet().stream()
                        .map(refusal -> refusal.getValue() + " " + refusal.getKey())
                        .collect(Collectors.joining(", "));
        return "decisions " + counters.getDecisionsAccepted() + "/" + counters.getDecisionsProposed() + " accepted"
                + (refused.isEmpty() ? "" : ", refused " + refused);
    }

    private String nodeCounts() {
        long up = status.getNodesList().stream()
                .filter(node -> node.getPhase() == NodePhase.NODE_PHASE_UP)
                .count();
        if (up == status.getNodesCount()) {
            return "nodes " + up + " up";
        }
        String others = status.getNodesList().stream()
                .filter(node -> node.getPhase() != NodePhase.NODE_PHASE_UP)
                .map(node -> node.getMeta().getName() + " " + Tables.nodeState(node))
                .collect(Collectors.joining(", "));
        return "nodes " + up + "/" + status.getNodesCount() + " up, " + others;
    }

    private String attention() {
        StringBuilder text = new StringBuilder();
        for (Reason reason : status.getAttentionList()) {
            String age = Times.age(reason.getSince(), nowMillis);
            text.append("!  ").append(reason.getMessage());
            if (!age.isEmpty()) {
                text.append(" (").append(age).append(')');
            }
            text.append("    ").append(reason.getCode()).append('\n');
            if (!reason.getNextStep().isEmpty()) {
                text.append("   ").append(reason.getNextStep()).append('\n');
            }
        }
        return text.toString();
    }

    private String reach() {
        List<String> silent = status.getMembersList().stream()
                .filter(member -> !member.getReachable())
                .map(Member::getName)
                .toList();
        List<String> heard = status.getMembersList().stream()
                .filter(Member::getReachable)
                .map(Member::getName)
                .toList();
        return heard.size() + " of " + status.getMembersCount() + " voters reachable: "
                + (heard.isEmpty() ? "none" : String.join(" ", heard))
                + (silent.isEmpty() ? "" : "; " + String.join(" ", silent) + " silent");
    }

    private String memberName(String id) {
        return status.getMembersList().stream()
                .filter(member -> member.getId().equals(id))
                .map(Member::getName)
                .findFirst()
                .orElse(id);
    }

    private List<Unit> down() {
        return units.stream().filter(unit -> unit.wanted() && !unit.runs()).toList();
    }

    private static boolean missing(Node node) {
        return switch (node.getPhase()) {
            case NODE_PHASE_UP, NODE_PHASE_JOINING -> false;
            case NODE_PHASE_OFF -> !node.hasDrain() && !node.hasMaintenance();
            case NODE_PHASE_LOST, NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> true;
        };
    }
}
