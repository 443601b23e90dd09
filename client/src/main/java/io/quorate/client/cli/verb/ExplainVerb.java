package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Table;
import io.quorate.v1.Contribution;
import io.quorate.v1.ExplainPlacementRequest;
import io.quorate.v1.ExplainPlacementResponse;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceServiceGrpc;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Why a service is where it is, and why not elsewhere. */
@Command(
        name = "explain",
        description = "Why it is there, and why not elsewhere: every rule with its score.",
        footer = {"", "  quorate explain web", "  quorate explain web --on n1"})
public final class ExplainVerb extends ReadVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a group, or a resource outside groups")
    private String resource = "";

    @Option(names = "--on", paramLabel = "NODE", description = "Only this node")
    private String node = "";

    public ExplainVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ExplainPlacementResponse answer = client.read(
                ResourceServiceGrpc.getExplainPlacementMethod(),
                ExplainPlacementRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setResource(resource)
                        .setNode(node)
                        .build());
        print(answer, () -> render(answer));
        return ExitCodes.OK;
    }

    private static String render(ExplainPlacementResponse answer) {
        StringBuilder text = new StringBuilder(answer.getInstance()).append(' ').append(place(answer));
        text.append('\n');
        // what a reason of it points to elsewhere is on this screen
        String itself = "quorate explain " + answer.getInstance();
        answer.getReasonsList()
                .forEach(reason -> append(
                        text,
                        reason.getNextStep().equals(itself)
                                ? reason.toBuilder().clearNextStep().build()
                                : reason));
        table(text, "", answer.getVerdictsList());
        remedies(
                text,
                (answer.hasClone() ? "for a copy to run" : "for it to run")
                        + (nodes(answer).isEmpty() ? "" : " elsewhere"),
                answer.getWhatWouldChangeItList());
        table(text, "promoted:\n", answer.getClone().getPromotedVerdictsList());
        remedies(
                text,
                answer.getNode().isEmpty() ? "for a copy to be promoted" : "for another copy to be promoted",
                answer.getClone().getWhatWouldPromoteElsewhereList());
        return text.toString();
    }

    private static String nodes(ExplainPlacementResponse answer) {
        return answer.hasClone() ? String.join(", ", answer.getClone().getCopiesOnList()) : answer.getNode();
    }

    private static String place(ExplainPlacementResponse answer) {
        String nodes = nodes(answer);
        boolean promoted = answer.hasClone() && !answer.getNode().isEmpty();
        return nodes.isEmpty()
                ? "is nowhere"
                : "is on " + nodes + (promoted ? ", promoted on " + answer.getNode() : "");
    }

    private static void table(StringBuilder text, String title, List<NodeVerdict> verdicts) {
        if (verdicts.isEmpty()) {
            return;
        }
        Table table = new Table("NODE", "ALLOWED", "SCORE", "RULES");
        for (NodeVerdict verdict : verdicts) {
            table.row(
                    verdict.getNode(),
                    verdict.getAllowed() ? "yes" : "NO",
                    verdict.getAllowed() ? Long.toString(verdict.getScore()) : "",
                    verdict.getContributionsList().stream()
                            .map(ExplainVerb::rule)
                            .collect(Collectors.joining(" · ")));
        }
        text.append('\n').append(title).append(table.render());
    }

    private static void remedies(StringBuilder text, String title, List<Reason> remedies) {
        if (!remedies.isEmpty()) {
            text.append('\n').append(title).append(":\n");
            remedies.forEach(remedy -> append(text, remedy));
        }
    }

    private static void append(StringBuilder text, Reason reason) {
        text.append("  ")
                .append(reason.getMessage())
                .append("    ")
                .append(reason.getCode())
                .append('\n');
        if (!reason.getNextStep().isEmpty()) {
            text.append("  ").append(reason.getNextStep()).append('\n');
        }
    }

    private static String rule(Contribution contribution) {
        String source = contribution.getSource().isEmpty() ? "" : " of " + contribution.getSource();
        String text = contribution.getText().isEmpty() ? "" : " (" + contribution.getText() + ")";
        String score = contribution.getForbids()
                ? "forbids"
                : (contribution.getScore() >= 0 ? "+" : "") + contribution.getScore();
        return contribution.getRule() + source + " " + score + text;
    }
}
