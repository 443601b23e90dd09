package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.WriteVerb;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.TransferLeadershipRequest;
import io.quorate.v1.TransferLeadershipResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Hands leadership over to a voter. */
@Command(
        name = "lead",
        description = "Hands leadership over to a voter.",
        footer = {"", "  quorate member lead n1", "  quorate member list"})
public final class MemberLeadVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "MEMBER", description = "id or name")
    private String member = "";

    public MemberLeadVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        TransferLeadershipResponse answer = whileSaying(
                "leadership goes to " + member,
                () -> client.mutate(
                        ClusterServiceGrpc.getTransferLeadershipMethod(),
                        mutation(),
                        options -> TransferLeadershipRequest.newBuilder()
                                .setOptions(options)
                                .setMember(member)
                                .build(),
                        memberChangeLimit()));
        if (write().dryRun()) {
            return committed(client, answer, answer.getHeader(), "", "hand leadership over to " + member);
        }
        // No entry of the history: the position in the answer is that of an earlier change.
        print(answer, () -> "leader is " + member + "\n");
        return ExitCodes.OK;
    }
}
