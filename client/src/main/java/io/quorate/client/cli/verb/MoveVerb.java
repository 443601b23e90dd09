package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.UsageException;
import io.quorate.v1.MoveResourceRequest;
import io.quorate.v1.MoveResourceResponse;
import io.quorate.v1.Pin;
import io.quorate.v1.ResourceServiceGrpc;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Moves a service once; no constraint stays behind. */
@Command(
        name = "move",
        description = "Moves a service once. Nothing stays behind, so a move that its own rules would undo is refused.",
        footer = {
            "",
            "  quorate move web --to n3",
            "  quorate move web              # the best other node",
            "  quorate move web --to n3 --pin  # and keep it there until quorate unpin web",
            "  quorate move db --promoted --to n2  # of a promotable clone: another copy is promoted"
        })
public final class MoveVerb extends OverrideVerb {
    @Option(names = "--to", paramLabel = "NODE", description = "Where to (default: the best other node)")
    private String to = "";

    @Option(names = "--promoted", description = "Of a promotable clone: the copy there is promoted instead of another")
    private boolean promoted;

    @Option(names = "--pin", description = "Keep it there until it is unpinned, whatever its rules say")
    private boolean pin;

    public MoveVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        if (pin && to.isEmpty()) {
            throw new UsageException("--pin needs the node: --to NODE");
        }
        if (pin) {
            Pin there = Pin.newBuilder().setNode(to).setPromoted(promoted).build();
            return set(
                    client, io.quorate.v1.Override.newBuilder().setPin(there), "move and pin to " + to + ":" + role());
        }
        MoveResourceResponse answer = client.mutate(
                ResourceServiceGrpc.getMoveResourceMethod(),
                mutation(client, resource()),
                options -> MoveResourceRequest.newBuilder()
                        .setOptions(options)
                        .setResource(resource())
                        .setToNode(to)
                        .setPromoted(promoted)
                        .build());
        String where = to.isEmpty() ? "to the best other node" : "to " + to;
        return committed(
                client,
                answer,
                answer.getHeader(),
                answer.getOperation(),
                "move" + role() + " " + resource() + " " + where);
    }

    private String role() {
        return promoted ? " the promoted role of" : "";
    }
}
