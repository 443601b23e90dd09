package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ClientVerb;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ManifestFiles;
import io.quorate.client.cli.text.ChangeText;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ResourceServiceGrpc;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an apply would change, by the server's own preview. */
@Command(
        name = "diff",
        description = "What apply would change; nothing is changed.",
        footer = {"", "  quorate diff -f web.yaml", "  quorate diff -f web.yaml --prune --exit-code   # 8 = differs"})
public final class DiffVerb extends ClientVerb {
    @Mixin
    private ManifestFiles files = new ManifestFiles();

    @Option(names = "--prune", description = "Also what apply --prune would delete")
    private boolean prune;

    @Option(names = "--exit-code", description = "Exit with 8 when anything differs")
    private boolean exitCode;

    public DiffVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        List<Manifest> manifests = files.load(cli());
        ApplyManifestsResponse answer = client.mutate(
                ResourceServiceGrpc.getApplyManifestsMethod(),
                MutationOptions.newBuilder().setValidateOnly(true).build(),
                options -> ApplyManifestsRequest.newBuilder()
                        .setOptions(options)
                        .addAllManifests(manifests)
                        .setPruneSet(prune ? ManifestFiles.theSet(manifests) : "")
                        .setAllowUnfenced(true)
                        .build());
        boolean differs = ChangeText.differs(answer.getChangesList());
        print(
                answer,
                () -> differs
                        ? ChangeText.render(answer.getChangesList()) + ChangeText.warnings(answer.getWarningsList())
                        : "no differences\n");
        return differs && exitCode ? ExitCodes.DIFFERS : ExitCodes.OK;
    }
}
