package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ConfirmFenceRequest;
import io.quorate.v1.ConfirmFenceResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.Node;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.ProbeNodeRequest;
import io.quorate.v1.SignOfLife;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A person says that a lost node is off, after seeing what hangs on it and whether anything there still answers. */
@Command(
        name = "confirm",
        description = "A person says that a lost node is off: what it owned is freed. Binds to its present life.",
        footer = {
            "",
            "  quorate fence confirm n2",
            "  quorate fence confirm n2 --yes --reason \"outlets pulled, ticket 8812\""
        })
public final class FenceConfirmVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "NODE", description = "its name")
    private String node = "";

    @Option(names = "--although-alive", description = "Confirm even if something still answers there")
    private boolean althoughAlive;

    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public FenceConfirmVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        Node found = NodeFacts.get(client, node);
        List<SignOfLife> signs = client.read(
                        NodeServiceGrpc.getProbeNodeMethod(),
                        ProbeNodeRequest.newBuilder().setNode(node).build())
                .getSignsList();
        requireSilence(signs);
        String reason = write().reason();
        if (!write().dryRun()) {
            Confirmation confirmation = new Confirmation(cli());
            confirmation.require(confirm, facts(found, signs), node);
            if (reason.isEmpty() && !confirm.yes()) {
                reason = confirmation.ask("reason: ");
            }
        }
        MutationOptions options =
                mutation(client, "nodes/" + node).toBuilder().setReason(reason).build();
        ConfirmFenceResponse answer = client.mutate(
                NodeServiceGrpc.getConfirmFenceMethod(),
                options,
                stamped -> ConfirmFenceRequest.newBuilder()
                        .setOptions(stamped)
                        .setNode(node)
                        .setIncarnation(found.getIncarnation())
                        .setTypedName(node)
                        .setAlthoughAlive(althoughAlive)
                        .build());
        String freed =
                answer.getFreedCount() == 0 ? "it owned nothing" : "freed: " + String.join(", ", answer.getFreedList());
        print(
                answer,
                () -> (write().dryRun() ? "would confirm " : "confirmed ") + node + " (position "
                        + Positions.format(answer.getHeader().getPosition()) + ") · " + freed + "\n");
        return ExitCodes.OK;
    }

    private void requireSilence(List<SignOfLife> signs) {
        if (!althoughAlive && signs.stream().anyMatch(SignOfLife::getAnswered)) {
            throw QuorateException.of(
                            Category.REFUSED,
                            "NODE_ANSWERS",
                            node + " still shows life: " + describe(signs) + "; what it runs would run twice")
                    .object("nodes/" + node)
                    .nextStep("switch it off first, or if you are sure: quorate fence confirm " + node
                            + " --although-alive")
                    .build();
        }
    }

    private String facts(Node found, List<SignOfLife> signs) {
        return NodeFacts.describe(found)
                + "Quorate could NOT verify that " + node + " is off.\n"
                + "If it still runs, what it owns will run twice and data can be damaged."
                + " Check the power light, the hypervisor, or pull the cables.\n"
                + "signs of life: " + (signs.isEmpty() ? "nobody could look" : describe(signs));
    }

    private static String describe(List<SignOfLife> signs) {
        return signs.stream()
                .map(sign -> "from " + sign.getFrom() + ": "
                        + (sign.getAnswered() ? "ANSWERED" : "no answer")
                        + (sign.getDetail().isEmpty() ? "" : " (" + sign.getDetail() + ")"))
                .collect(Collectors.joining(" · "));
    }
}
