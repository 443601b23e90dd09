package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ManifestFiles;
import io.quorate.client.cli.ReadVerb;
import io.quorate.client.cli.SavedPlans;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.text.PlanText;
import io.quorate.v1.CreatePlanRequest;
import io.quorate.v1.CreatePlanResponse;
import io.quorate.v1.Manifest;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.SavedPlan;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What would happen, by the policy that decides; nothing is changed. */
@Command(
        name = "plan",
        description = "What would happen: moves, their order and outage, quorum and capacity. Nothing is changed.",
        footer = {
            "",
            "  quorate plan --fail-node n3",
            "  quorate plan -f web.yaml --out web.plan     # then: quorate apply --plan web.plan"
        })
public final class PlanVerb extends ReadVerb {
    /** A plan of a large cluster takes as long as many decisions. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @Mixin
    private ManifestFiles files = new ManifestFiles();

    @Option(names = "--prune", description = "Also what apply --prune would delete")
    private boolean prune;

    @Option(names = "--allow-unfenced", description = "The files may take away the last fence path of a node")
    private boolean allowUnfenced;

    @Option(names = "--drain", paramLabel = "NODE", description = "A node is drained; may be repeated")
    private List<String> drained = List.of();

    @Option(
            names = "--revoke",
            paramLabel = "TICKET",
            description = "This cluster loses a ticket; may be repeated: they are revoked together")
    private List<String> revoked = List.of();

    @Option(
            names = "--fail-node",
            paramLabel = "NODE",
            description = "A node falls silent and does not come back; may be repeated: they fail together")
    private List<String> failedNodes = List.of();

    @Option(
            names = "--fail",
            paramLabel = "RESOURCE",
            description = "A resource fails once where it runs; may be repeated, also for the same one")
    private List<String> failedResources = List.of();

    @Option(names = "--out", paramLabel = "FILE", description = "Keep the plan of files for apply --plan FILE")
    private String out = "";

    @Option(names = "--exit-code", description = "Exit with 8 when quorum or capacity would not hold")
    private boolean exitCode;

    public PlanVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        if (!files.isGiven() && (prune || !out.isEmpty())) {
            throw new UsageException("--prune and --out are for plans of files: -f FILE");
        }
        List<Manifest> manifests = files.isGiven() ? files.load(cli()) : List.of();
        CreatePlanRequest request = CreatePlanRequest.newBuilder()
                .setRead(read().toOptions())
                .addAllManifests(manifests)
                .setPruneSet(prune ? ManifestFiles.theSet(manifests) : "")
                .setAllowUnfenced(allowUnfenced)
                .addAllRevokedTickets(revoked)
                .addAllDrainedNodes(drained)
                .addAllFailedNodes(failedNodes)
                .addAllFailedResources(failedResources)
                .build();
        CreatePlanResponse plan = client.read(
                ResourceServiceGrpc.getCreatePlanMethod(),
                request,
                options().timeout().orElse(LIMIT));
        print(plan, () -> PlanText.render(plan));
        if (!out.isEmpty()) {
            SavedPlans.write(
                    cli(),
                    out,
                    SavedPlan.newBuilder().setRequest(request).setPlan(plan).build());
            say("kept in " + out + ": quorate apply --plan " + out);
        }
        return exitCode && !(plan.getQuorumHolds() && plan.getCapacityHolds()) ? ExitCodes.DIFFERS : ExitCodes.OK;
    }
}
