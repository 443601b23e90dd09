package io.quorate.server.verb;

import com.google.protobuf.util.Durations;
import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.CreateJoinTokenRequest;
import io.quorate.v1.CreateJoinTokenResponse;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate member token}: makes a join token. Whoever has it can make a host a member, so it is short-lived. */
@Command(
        description = "Make a token with which hosts can join.",
        footer = {
            "",
            "Examples:",
            "  quorate member token",
            "  quorate member token --agent-only --uses 10 --valid-minutes 30"
        })
public final class MemberTokenVerb extends WriteVerb {
    private static final int DEFAULT_MINUTES = 60;

    @Option(names = "--uses", description = "How many hosts may use it; default: ${DEFAULT-VALUE}")
    private int uses = 1;

    @Option(names = "--valid-minutes", description = "Default: ${DEFAULT-VALUE}")
    private int minutes = DEFAULT_MINUTES;

    @Option(
            names = "--agent-only",
            description = "Hosts with this token cannot vote: give it to hosts that run resources")
    private boolean agentOnly;

    public MemberTokenVerb(CliContext context) {
        super(context);
    }

    @Override
    protected int run(QuorateClient client) {
        CreateJoinTokenResponse answer = client.mutate(
                ClusterServiceGrpc.getCreateJoinTokenMethod(),
                mutation(),
                options -> CreateJoinTokenRequest.newBuilder()
                        .setOptions(options)
                        .setUses(uses)
                        .setAgentOnly(agentOnly)
                        .setValidFor(Durations.fromSeconds(
                                Duration.ofMinutes(minutes).toSeconds()))
                        .build());
        if (write().dryRun()) {
            return committed(client, answer, answer.getHeader(), "", "make a token for " + uses + " host(s)");
        }
        print(
                answer,
                () -> answer.getToken() + "\non the new host:  quorate join HOST:7400 --token TOKEN --node NAME"
                        + " --address IP" + (agentOnly ? " --agent-only" : " [--agent-only]") + "\n");
        return ExitCodes.OK;
    }
}
