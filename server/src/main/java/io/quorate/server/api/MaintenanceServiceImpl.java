package io.quorate.server.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.log.v1.PauseCluster;
import io.quorate.log.v1.ResumeCluster;
import io.quorate.statemachine.snapshot.SnapshotWriter;
import io.quorate.v1.CreateBackupRequest;
import io.quorate.v1.CreateBackupResponse;
import io.quorate.v1.MaintenanceServiceGrpc;
import io.quorate.v1.PauseClusterRequest;
import io.quorate.v1.PauseClusterResponse;
import io.quorate.v1.ResponseHeader;
import io.quorate.v1.ResumeClusterRequest;
import io.quorate.v1.ResumeClusterResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Pause, resume and backups. */
final class MaintenanceServiceImpl extends MaintenanceServiceGrpc.MaintenanceServiceImplBase {
    private static final int CHUNK_BYTES = 256 << 10;

    /** A client that does not take its backup must not keep it in this server's memory for longer. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final ServiceSupport support;
    private final String version;
    private final Semaphore backups = new Semaphore(1);

    /** @param version written into backups */
    MaintenanceServiceImpl(ServiceSupport support, String version) {
        this.support = support;
        this.version = version;
    }

    @Override
    public void pauseCluster(PauseClusterRequest request, StreamObserver<PauseClusterResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setPauseCluster(PauseCluster.getDefaultInstance()),
                outcome -> PauseClusterResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }

    @Override
    public void resumeCluster(ResumeClusterRequest request, StreamObserver<ResumeClusterResponse> observer) {
        support.mutate(
                observer,
                request.getOptions(),
                command -> command.setResumeCluster(ResumeCluster.getDefaultInstance()),
                outcome -> ResumeClusterResponse.newBuilder()
                        .setHeader(outcome.header())
                        .build());
    }

    /** The encoded snapshot is held until the client took it: at most the state's quota, for one call at a time. */
    @Override
    public void createBackup(CreateBackupRequest request, StreamObserver<CreateBackupResponse> observer) {
        ServerCallStreamObserver<CreateBackupResponse> call = (ServerCallStreamObserver<CreateBackupResponse>) observer;
        if (!backups.tryAcquire()) {
            ApiException busy = new ApiException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "BACKUP_RUNNING",
                    "this server sends a backup already: try again later, or ask another one",
                    Map.of());
            support.unary().fail(observer, busy, "");
            return;
        }
        CompletableFuture<Chunks> chunks = new CompletableFuture<>();
        CompletableFuture<Void> ended = new CompletableFuture<>();
        call.setOnCancelHandler(() -> ended.complete(null));
        call.setOnCloseHandler(() -> ended.complete(null));
        CompletableFuture<Void> freed = ended.orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS)
                .whenComplete((nothing, late) -> {
                    backups.release();
                    Chunks ready = chunks.getNow(null);
                    if (late != null && ready != null) {
                        ready.giveUp(call);
                    }
                });
        call.setOnReadyHandler(() -> {
            Chunks ready = chunks.getNow(null);
            if (ready != null) {
                ready.drain(call);
            }
        });
        CompletableFuture<Reads.View> unused = view(request).whenComplete((view, failure) -> {
            if (failure != null) {
                support.unary().fail(observer, failure, "");
                return;
            }
            if (freed.isDone()) {
                return;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                SnapshotWriter.write(view.state(), out, version);
            } catch (IOException e) {
                support.unary().fail(observer, e, "");
                return;
            }
            Chunks ready = new Chunks(view.header(), UnsafeByteOperations.unsafeWrap(out.toByteArray()));
            chunks.complete(ready);
            ready.drain(call);
        });
    }

    private CompletableFuture<Reads.View> view(CreateBackupRequest request) {
        try {
            return support.reads().view(request.getRead());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Sends while the client takes. */
    private static final class Chunks {
        private final ResponseHeader header;
        private final ByteString bytes;
        private int sent;
        private boolean completed;

        Chunks(ResponseHeader header, ByteString bytes) {
            this.header = header;
            this.bytes = bytes;
        }

        synchronized void giveUp(ServerCallStreamObserver<CreateBackupResponse> call) {
            if (!completed) {
                completed = true;
                call.onError(Status.ABORTED
                        .withDescription("the backup was not taken within " + LONGEST.toMinutes() + " minutes")
                        .asRuntimeException());
            }
        }

        synchronized void drain(ServerCallStreamObserver<CreateBackupResponse> call) {
            while (!completed && call.isReady() && !call.isCancelled()) {
                int end = Math.min(bytes.size(), sent + CHUNK_BYTES);
                CreateBackupResponse.Builder chunk =
                        CreateBackupResponse.newBuilder().setChunk(bytes.substring(sent, end));
                if (sent == 0) {
                    chunk.setHeader(header);
                }
                call.onNext(chunk.build());
                sent = end;
                if (sent == bytes.size()) {
                    completed = true;
                    call.onCompleted();
                }
            }
        }
    }
}
