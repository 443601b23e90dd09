package io.quorate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.quorate.client.Category;
import io.quorate.client.QuorateException;
import io.quorate.v1.CreatePlanRequest;
import io.quorate.v1.SavedPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Plans as files: the manifests, what would happen, and what that relied on. The servers keep nothing of a plan. */
public final class SavedPlans {
    private SavedPlans() {}

    public static void write(CliContext cli, String file, SavedPlan plan) {
        try {
            Files.writeString(cli.directory().resolve(file), Output.json(plan) + "\n");
        } catch (IOException e) {
            throw QuorateException.of(Category.ERROR, "CANNOT_WRITE", file + " cannot be written: " + e.getMessage())
                    .cause(e)
                    .build();
        }
    }

    /** A plan that can be applied: one of files, in which nothing else is supposed to happen. */
    public static SavedPlan read(CliContext cli, String file) {
        Path path = cli.directory().resolve(file);
        SavedPlan.Builder plan = SavedPlan.newBuilder();
        try {
            JsonFormat.parser().merge(Files.readString(path), plan);
        } catch (InvalidProtocolBufferException e) {
            throw QuorateException.of(Category.INVALID, "", file + " is no plan: " + e.getMessage())
                    .nextStep("quorate plan -f FILE --out " + file)
                    .cause(e)
                    .build();
        } catch (IOException e) {
            throw QuorateException.of(Category.NOT_FOUND, "", "the plan " + file + " cannot be read")
                    .nextStep("quorate plan -f FILE --out " + file)
                    .cause(e)
                    .build();
        }
        CreatePlanRequest request = plan.getRequest();
        if (request.getManifestsCount() == 0 && request.getPruneSet().isEmpty()) {
            throw new UsageException(file + " is a plan without files: there is nothing to apply");
        }
        boolean supposes = request.getFailedNodesCount() > 0
                || request.getDrainedNodesCount() > 0
                || request.getRevokedTicketsCount() > 0
                || request.getFailedResourcesCount() > 0;
        if (supposes) {
            throw new UsageException(
                    file + " supposes failures, drains or revoked tickets besides its files: apply does not bring them"
                            + " about, so it would not be this plan");
        }
        return plan.build();
    }
}
