package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.ListMembersRequest;
import io.quorate.v1.ListMembersResponse;
import picocli.CommandLine.Command;

/** Voters: role, reach, progress, addresses. */
@Command(
        name = "list",
        description = "Voters: role, reach, progress, addresses.",
        footer = {"", "  quorate member list", "  quorate member list -o json"})
public final class MemberListVerb extends ReadVerb {
    public MemberListVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ListMembersResponse answer = client.read(
                ClusterServiceGrpc.getListMembersMethod(),
                ListMembersRequest.newBuilder().setRead(read().toOptions()).build());
        print(answer, () -> Tables.members(answer.getMembersList()));
        return ExitCodes.OK;
    }
}
