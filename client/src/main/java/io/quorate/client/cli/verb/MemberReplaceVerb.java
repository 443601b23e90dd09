package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.WriteVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.ListMembersRequest;
import io.quorate.v1.Member;
import io.quorate.v1.ReplaceMemberRequest;
import io.quorate.v1.ReplaceMemberResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts a new voter in the place of one that is gone for good. */
@Command(
        name = "replace",
        description = "Puts a new voter in the place of one that is gone for good.",
        footer = {
            "",
            "  quorate member replace n2 --with n4 --id n4-9c1d --raft 10.0.0.4:7402 --node 10.0.0.4:7403",
            "  quorate member list"
        })
public final class MemberReplaceVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "MEMBER", description = "id or name")
    private String member = "";

    @Option(names = "--with", paramLabel = "NAME", required = true, description = "Name of the one that comes")
    private String with = "";

    @Option(names = "--id", paramLabel = "ID", required = true, description = "Its id, as its data directory says")
    private String id = "";

    @Option(names = "--raft", paramLabel = "HOST:PORT", required = true, description = "Its Raft endpoint")
    private String raft = "";

    @Option(names = "--node", paramLabel = "HOST:PORT", required = true, description = "Its node plane endpoint")
    private String nodePlane = "";

    @Option(names = "--api", paramLabel = "HOST:PORT", description = "Its API endpoint")
    private String api = "";

    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    public MemberReplaceVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        Member coming = Member.newBuilder()
                .setId(id)
                .setName(with)
                .setRaftEndpoint(raft)
                .setNodeEndpoint(nodePlane)
                .setApiEndpoint(api)
                .build();
        if (!write().dryRun()) {
            String members = Tables.members(
                    client.read(ClusterServiceGrpc.getListMembersMethod(), ListMembersRequest.getDefaultInstance())
                            .getMembersList());
            String facts =
                    members + member + " can never vote again, also when it comes back; " + id + " takes its place";
            new Confirmation(cli()).require(confirm, facts, member);
        }
        ReplaceMemberResponse answer = client.mutate(
                ClusterServiceGrpc.getReplaceMemberMethod(),
                mutation(),
                options -> ReplaceMemberRequest.newBuilder()
                        .setOptions(options)
                        .setMember(member)
                        .setWith(coming)
                        .build(),
                memberChangeLimit());
        String what =
                write().dryRun() ? "replace voter " + member + " by " + id : "voter " + member + " replaced by " + id;
        return committed(client, answer, answer.getHeader(), "", what);
    }
}
