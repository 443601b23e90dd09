package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.text.Table;
import io.quorate.client.cli.text.Times;
import io.quorate.v1.GetOwnerRequest;
import io.quorate.v1.GetOwnerResponse;
import io.quorate.v1.Owner;
import io.quorate.v1.OwnershipServiceGrpc;
import io.quorate.v1.ValidateTokenRequest;
import io.quorate.v1.ValidateTokenResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who owns a service, by which token; or whether a token is the current one. */
@Command(
        name = "owner",
        description = "Who owns a service, since when and on what evidence; or whether a token is current.",
        footer = {"", "  quorate owner web", "  quorate owner web --token 281474976710670 --exit-code"})
public final class OwnerVerb extends ReadVerb {
    @Parameters(index = "0", paramLabel = "NAME", description = "a service or an instance: web, instances/db:2")
    private String name = "";

    @Option(names = "--token", paramLabel = "NUMBER", description = "Is this the current token (QUORATE_TOKEN)?")
    private @Nullable Long token;

    @Option(names = "--exit-code", description = "Exit with 8 when nobody owns it, or the token is not current")
    private boolean exitCode;

    public OwnerVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        String scope = name.indexOf('/') < 0 ? "instances/" + name : name;
        return token == null ? owner(client, scope) : validate(client, scope, token);
    }

    private int owner(QuorateClient client, String scope) {
        GetOwnerResponse answer = client.read(
                OwnershipServiceGrpc.getGetOwnerMethod(),
                GetOwnerRequest.newBuilder()
                        .setRead(read().toOptions())
                        .setScope(scope)
                        .build());
        print(answer, () -> render(answer));
        return answer.hasOwner() || !exitCode ? ExitCodes.OK : ExitCodes.DIFFERS;
    }

    private String render(GetOwnerResponse answer) {
        if (!answer.hasOwner()) {
            StringBuilder text = new StringBuilder("nobody owns ").append(name).append('\n');
            answer.getReasonsList()
                    .forEach(reason -> text.append("  ")
                            .append(reason.getMessage())
                            .append("    ")
                            .append(reason.getCode())
                            .append('\n'));
            return text.toString();
        }
        Owner owner = answer.getOwner();
        return new Table("SCOPE", "NODE", "TOKEN", "NUMBER", "SINCE", "TAKEN BY", "STATE")
                .row(
                        owner.getScope(),
                        owner.getNode(),
                        owner.getToken().getGeneration() + ":"
                                + owner.getToken().getRevision(),
                        Long.toString(owner.getToken().getNumber()),
                        Times.age(owner.getSince(), cli().nowMillis()),
                        owner.getTakenBy().name().replace("EVIDENCE_", ""),
                        owner.getReleasing() ? "releasing" : "owned")
                .render();
    }

    private int validate(QuorateClient client, String scope, long number) {
        ValidateTokenResponse answer = client.read(
                OwnershipServiceGrpc.getValidateTokenMethod(),
                ValidateTokenRequest.newBuilder()
                        .setScope(scope)
                        .setTokenNumber(number)
                        .build());
        boolean current = answer.getVerdict() == ValidateTokenResponse.Verdict.VERDICT_CURRENT;
        print(
                answer,
                () -> answer.getVerdict().name().replace("VERDICT_", "")
                        + (current || !answer.hasCurrent()
                                ? ""
                                : " · current is " + answer.getCurrent().getNumber())
                        + "\n");
        return current || !exitCode ? ExitCodes.OK : ExitCodes.DIFFERS;
    }
}
