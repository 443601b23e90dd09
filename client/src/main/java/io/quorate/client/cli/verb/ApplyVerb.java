package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ConfirmFlags;
import io.quorate.client.cli.Confirmation;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.ManifestFiles;
import io.quorate.client.cli.ObjectKeys;
import io.quorate.client.cli.OperationWaiter;
import io.quorate.client.cli.SavedPlans;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.WriteVerb;
import io.quorate.client.cli.text.ChangeText;
import io.quorate.client.cli.text.Unit;
import io.quorate.v1.AnyObject;
import io.quorate.v1.ApplyManifestsRequest;
import io.quorate.v1.ApplyManifestsResponse;
import io.quorate.v1.CreatePlanRequest;
import io.quorate.v1.GetObjectRequest;
import io.quorate.v1.Manifest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.ObjectChange;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.ResourceServiceGrpc;
import io.quorate.v1.SavedPlan;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the cluster as files say: all objects or none. */
@Command(
        name = "apply",
        description = "Makes the cluster as files say: all objects or none. Overrides of verbs stay.",
        footer = {
            "",
            "  quorate apply -f web.yaml --reason \"first deploy\"",
            "  quorate apply -f web.yaml --prune --dry-run     # what it would change and delete",
            "  quorate apply --plan web.plan                   # only if nothing that the plan relied on has moved"
        })
public final class ApplyVerb extends WriteVerb {
    private static final String POSITION_MOVED = "POSITION_MOVED";
    private static final int MAX_ATTEMPTS = 5;

    @Mixin
    private ManifestFiles files = new ManifestFiles();

    @Mixin
    private ConfirmFlags confirm = new ConfirmFlags();

    @Option(names = "--prune", description = "Delete the objects of the files' set that they no longer name")
    private boolean prune;

    @Option(names = "--allow-unfenced", description = "May take away the last fence path of a node")
    private boolean allowUnfenced;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Apply what a plan was made for, only if nothing that it relied on has moved")
    private String plan = "";

    public ApplyVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) {
        ApplyManifestsRequest request = plan.isEmpty() ? ofFiles() : ofPlan();
        MutationOptions options = options(client, request.getManifestsList());
        boolean deletes = !request.getPruneSet().isEmpty();
        ApplyManifestsResponse answer = deletes && !write().dryRun() && !confirm.yes()
                ? applyConfirmed(client, request, options)
                : apply(client, request, options);
        if (forPeople()) {
            out().print(ChangeText.render(answer.getChangesList()));
            out().print(ChangeText.warnings(answer.getWarningsList()));
        } else {
            print(answer, () -> "");
        }
        return tell(client, answer);
    }

    private ApplyManifestsRequest ofFiles() {
        List<Manifest> manifests = files.load(cli());
        return ApplyManifestsRequest.newBuilder()
                .addAllManifests(manifests)
                .setPruneSet(prune ? ManifestFiles.theSet(manifests) : "")
                .setAllowUnfenced(allowUnfenced)
                .build();
    }

    private ApplyManifestsRequest ofPlan() {
        if (files.isGiven() || prune || allowUnfenced) {
            throw new UsageException(
                    "a plan has its files with it: --plan stands without -f, --prune and" + " --allow-unfenced");
        }
        SavedPlan saved = SavedPlans.read(cli(), plan);
        CreatePlanRequest made = saved.getRequest();
        return ApplyManifestsRequest.newBuilder()
                .addAllManifests(made.getManifestsList())
                .setPruneSet(made.getPruneSet())
                .setAllowUnfenced(made.getAllowUnfenced())
                .setPlan(saved.getPlan().getBasis())
                .build();
    }

    private int tell(QuorateClient client, ApplyManifestsResponse answer) {
        boolean goesOnSomewhere = !answer.getOperation().isEmpty() && !write().dryRun();
        if (!ChangeText.differs(answer.getChangesList()) && !answer.getChangesUnknown() && !goesOnSomewhere) {
            say("unchanged");
            return ExitCodes.OK;
        }
        if (write().dryRun()) {
            say("nothing was changed (--dry-run)");
            return ExitCodes.OK;
        }
        String operation = answer.getOperation();
        String goesOn = operation.isEmpty() || write().waits() ? "" : " · " + operation + " goes on";
        String unknown = answer.getChangesUnknown() ? " · this server no longer knows what it changed" : "";
        say("committed " + Positions.format(answer.getHeader().getPosition()) + unknown + goesOn);
        if (operation.isEmpty() || !write().waits()) {
            return ExitCodes.OK;
        }
        int code = new OperationWaiter(cli(), options()).await(client, operation, waitLimit());
        sayWhatBecameOf(client, answer);
        return code;
    }

    /** Where each changed service runs now, and whether it would survive its node. */
    private void sayWhatBecameOf(QuorateClient client, ApplyManifestsResponse answer) {
        if (!forPeople()) {
            return;
        }
        for (ObjectChange change : answer.getChangesList()) {
            boolean lives = change.getKind() == ObjectChange.Kind.KIND_CREATED
                    || change.getKind() == ObjectChange.Kind.KIND_UPDATED;
            if (lives
                    && (change.getObject().startsWith("clones/")
                            || change.getObject().startsWith("groups/")
                            || change.getObject().startsWith("resources/"))) {
                unit(client, change.getObject()).ifPresent(this::sayUnit);
            }
        }
    }

    private Optional<Unit> unit(QuorateClient client, String object) {
        GetObjectRequest request = GetObjectRequest.newBuilder()
                .setRead(ReadOptions.newBuilder().setNotBefore(client.highestPosition()))
                .setObject(object)
                .build();
        try {
            AnyObject found = client.read(ResourceServiceGrpc.getGetObjectMethod(), request)
                    .getObject();
            return ObjectKeys.unit(found);
        } catch (QuorateException e) {
            // The apply itself succeeded; this sentence is only an extra.
            return Optional.empty();
        }
    }

    private void sayUnit(Unit unit) {
        String where = unit.node().isEmpty() ? "" : " on " + unit.node() + " (token " + unit.token() + ")";
        say(unit.name() + " " + unit.stateWord() + where);
        if (unit.runs()) {
            String why = unit.reasons().stream()
                    .findFirst()
                    .map(reason -> ": " + reason.getMessage() + " (" + reason.getCode() + ")")
                    .orElse("");
            say(unit.name() + " survives the loss of its node: "
                    + (unit.status().getSurvivesNodeLoss() ? "yes" : "NO" + why));
        }
    }

    private MutationOptions options(QuorateClient client, List<Manifest> manifests) {
        if (write().ifRevision().isEmpty()) {
            return mutation();
        }
        if (manifests.size() != 1) {
            throw new UsageException("--if-revision needs one object, and these files have " + manifests.size());
        }
        return mutation(client, ObjectKeys.of(manifests.get(0)));
    }

    private static ApplyManifestsResponse apply(
            QuorateClient client, ApplyManifestsRequest request, MutationOptions options) {
        return client.mutate(
                ResourceServiceGrpc.getApplyManifestsMethod(),
                options,
                stamped -> request.toBuilder().setOptions(stamped).build());
    }

    /**
     * Deletes what a person has seen and nothing else: the apply holds for the state of a preview that deletes the same.
     * That state is left by any change, and while a person thinks there are many, so the preview is made again.
     */
    private ApplyManifestsResponse applyConfirmed(
            QuorateClient client, ApplyManifestsRequest request, MutationOptions options) {
        MutationOptions preview =
                options.toBuilder().setValidateOnly(true).clearRequestId().build();
        ApplyManifestsResponse seen = apply(client, request, preview);
        List<String> deleted = ChangeText.deleted(seen.getChangesList());
        if (!deleted.isEmpty()) {
            String facts = ChangeText.render(seen.getChangesList())
                    + "this deletes " + deleted.size() + (deleted.size() == 1 ? " object" : " objects")
                    + " and stops what they run";
            new Confirmation(cli()).require(confirm, facts, "delete " + deleted.size());
        }
        for (int attempt = 1; ; attempt++) {
            ApplyManifestsResponse now = apply(client, request, preview);
            requireSameDeletions(deleted, ChangeText.deleted(now.getChangesList()));
            try {
                return apply(
                        client,
                        request,
                        options.toBuilder()
                                .setIfPosition(now.getHeader().getPosition())
                                .build());
            } catch (QuorateException e) {
                if (!e.code().equals(POSITION_MOVED) || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static void requireSameDeletions(List<String> seen, List<String> now) {
        if (!now.equals(seen)) {
            throw QuorateException.of(
                            Category.CONFLICT,
                            "DELETIONS_CHANGED",
                            "the objects to delete have changed meanwhile, nothing was done; now they are: "
                                    + String.join(", ", now))
                    .nextStep("run it again")
                    .build();
        }
    }
}
