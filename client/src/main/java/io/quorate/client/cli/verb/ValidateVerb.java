package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ClientVerb;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ManifestFiles;
import io.quorate.client.cli.ObjectKeys;
import io.quorate.client.cli.text.ChangeText;
import io.quorate.client.cli.text.RuleText;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ResourceServiceGrpc;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks files, and whether the cluster would accept them. */
@Command(
        name = "validate",
        description = {
            "Checks files: their form here, what they refer to on the cluster.",
            "Prints every rule, what placement, follow and tags say in the words of locations, colocations and orders."
        },
        footer = {"", "  quorate validate -f web.yaml", "  quorate validate -f web.yaml --offline"})
public final class ValidateVerb extends ClientVerb {
    @Mixin
    private ManifestFiles files = new ManifestFiles();

    @Option(names = "--offline", description = "Ask no server")
    private boolean offline;

    public ValidateVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        List<Manifest> manifests = files.load(cli());
        String objects = manifests.size() + (manifests.size() == 1 ? " object" : " objects");
        if (offline) {
            say(longForms(manifests) + "valid: " + objects + " (form only: --offline)");
            return ExitCodes.OK;
        }
        ApplyManifestsResponse answer = client.mutate(
                ResourceServiceGrpc.getApplyManifestsMethod(),
                MutationOptions.newBuilder().setValidateOnly(true).build(),
                options -> ApplyManifestsRequest.newBuilder()
                        .setOptions(options)
                        .addAllManifests(manifests)
                        .build());
        print(
                answer,
                () -> longForms(manifests) + ChangeText.warnings(answer.getWarningsList()) + "valid: " + objects
                        + "\n");
        return ExitCodes.OK;
    }

    /** Every rule in one line, also those that short forms and tags come to. */
    private static String longForms(List<Manifest> manifests) {
        StringBuilder text = new StringBuilder();
        for (Manifest manifest : manifests) {
            RuleText.lines(manifest)
                    .forEach(line -> text.append(ObjectKeys.of(manifest))
                            .append(line.field().isEmpty() ? "" : " " + line.field())
                            .append(" = ")
                            .append(line.text())
                            .append('\n'));
        }
        return text.toString();
    }
}
