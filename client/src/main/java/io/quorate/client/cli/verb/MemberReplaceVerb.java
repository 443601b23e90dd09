package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.WriteVerb;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.ListMembersRequest;
import io.quorate.v1.Member;
import io.quorate.v1.ReplaceMemberRequest;
import io.quorate.v1.ReplaceMemberResponse;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts a new voter in the place of one that is gone for good. */
@Command(
        name = "replace",
        description = {
            "Puts a new voter in the place of one that is gone for good. Without --with it has the same name, and",
            "the endpoints of the one that goes; what is known of the one that comes need not be said."
        },
        footer = {
            "",
            "  quorate member replace n2 --id n2-55c0             # in place: a new disk, the same host",
            "  quorate member replace n2 --with n4 --id n4-9c1d --raft 10.0.0.4:7402 --node 10.0.0.4:7403"
        })
public final class MemberReplaceVerb extends WriteVerb {
    @Parameters(index = "0", paramLabel = "MEMBER", description = "id or name")
    private String member = "";

    @Option(names = "--with", paramLabel = "NAME", description = "Name of the one that comes, if it is another")
    private String with = "";

    @Option(names = "--id", paramLabel = "ID", description = "Its id, as its data directory says")
    private String id = "";

    @Option(names = "--raft", paramLabel = "HOST:PORT", description = "Its Raft endpoint")
    private String raft = "";

    @Option(names = "--node", paramLabel = "HOST:PORT", description = "Its node plane endpoint")
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
        List<Member> members = client.read(
                        ClusterServiceGrpc.getListMembersMethod(), ListMembersRequest.getDefaultInstance())
                .getMembersList();
        Member coming = coming(members);
        if (!write().dryRun()) {
            String facts = Tables.members(members) + member + " can never vote again, also when it comes back; "
                    + coming.getId() + " takes its place";
            new Confirmation(cli()).require(confirm, facts, member);
        }
        ReplaceMemberResponse answer = whileSaying(
                coming.getId() + " catches up",
                () -> client.mutate(
                        ClusterServiceGrpc.getReplaceMemberMethod(),
                        mutation(),
                        options -> ReplaceMemberRequest.newBuilder()
                                .setOptions(options)
                                .setMember(member)
                                .setWith(coming)
                                .build(),
                        memberChangeLimit()));
        String what = write().dryRun()
                ? "replace voter " + member + " by " + coming.getId()
                : "voter " + member + " replaced by " + coming.getId();
        return committed(client, answer, answer.getHeader(), "", what);
    }

    /** The one that comes: as the flags say, else as the cluster knows it, else in place of the one that goes. */
    private Member coming(List<Member> members) {
        Optional<Member> going = members.stream()
                .filter(each -> !each.getId().equals(id))
                .filter(each -> each.getId().equals(member) || each.getName().equals(member))
                .findFirst();
        String name = with.isEmpty() ? going.map(Member::getName).orElse(member) : with;
        // A replacement that was interrupted has made it known already.
        Optional<Member> known = members.stream()
                .filter(each -> !going.map(Member::getId).equals(Optional.of(each.getId())))
                .filter(each -> id.isEmpty()
                        ? each.getName().equals(name)
                        : each.getId().equals(id))
                .findFirst();
        if (going.isEmpty() && known.isEmpty() && (raft.isEmpty() || nodePlane.isEmpty())) {
            throw QuorateException.of(Category.NOT_FOUND, "NOT_FOUND", "no voter is named " + member)
                    .nextStep("quorate member list")
                    .build();
        }
        Member like = known.or(() -> going.filter(each -> each.getName().equals(name)))
                .orElse(Member.getDefaultInstance());
        return Member.newBuilder()
                .setName(name)
                .setId(said("--id", id, known.map(Member::getId).orElse("")))
                .setRaftEndpoint(said("--raft", raft, like.getRaftEndpoint()))
                .setNodeEndpoint(said("--node", nodePlane, like.getNodeEndpoint()))
                .setApiEndpoint(api.isEmpty() ? like.getApiEndpoint() : api)
                .build();
    }

    private String said(String flag, String value, String derived) {
        if (value.isEmpty() && derived.isEmpty()) {
            throw new UsageException(flag + " is needed: the cluster does not know it of the one that comes");
        }
        return value.isEmpty() ? derived : value;
    }
}
