package io.quorate.server.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.v1.WatchServiceGrpc;
import io.quorate.v1.WatchStateRequest;
import io.quorate.v1.WatchStateResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Watches; see {@link WatchStream}. */
final class WatchServiceImpl extends WatchServiceGrpc.WatchServiceImplBase {
    /** Marks of progress when nothing is sent. */
    private static final long PROGRESS_SECONDS = 5;

    /** Watches that one identity may hold at a server. */
    static final int MAX_WATCHES_PER_CALLER = 1_000;

    private final ServiceSupport support;
    private final Executor executor;
    private final ScheduledExecutorService timer;
    private final Map<String, AtomicInteger> held = new ConcurrentHashMap<>();

    WatchServiceImpl(ServiceSupport support, Executor executor, ScheduledExecutorService timer) {
        this.support = support;
        this.executor = executor;
        this.timer = timer;
    }

    @Override
    public void watchState(WatchStateRequest request, StreamObserver<WatchStateResponse> observer) {
        ServerCallStreamObserver<WatchStateResponse> call = (ServerCallStreamObserver<WatchStateResponse>) observer;
        WatchFilter filter;
        try {
            filter = new WatchFilter(request, support.projections());
        } catch (ApiException refusal) {
            support.unary().fail(observer, refusal, "");
            return;
        }
        Caller caller = Caller.current();
        AtomicInteger count = held.computeIfAbsent(caller.role() + " " + caller.name(), name -> new AtomicInteger());
        if (count.incrementAndGet() > MAX_WATCHES_PER_CALLER) {
            count.decrementAndGet();
            support.unary()
                    .fail(
                            observer,
                            new ApiException(
                                    io.grpc.Status.Code.RESOURCE_EXHAUSTED,
                                    "TOO_MANY_WATCHES",
                                    "at most " + MAX_WATCHES_PER_CALLER + " watches for each caller",
                                    Map.of()),
                            "");
            return;
        }
        WatchStream stream = new WatchStream(
                support.hub(),
                filter,
                request,
                new CallSink(call),
                () -> support.cluster().leadership().leaderId().orElse(""),
                executor);
        ScheduledFuture<?> progress =
                timer.scheduleAtFixedRate(stream::progress, PROGRESS_SECONDS, PROGRESS_SECONDS, TimeUnit.SECONDS);
        Runnable end = () -> {
            progress.cancel(false);
            count.decrementAndGet();
            stream.close();
        };
        call.setOnReadyHandler(stream::wake);
        call.setOnCancelHandler(end);
        call.setOnCloseHandler(end);
        stream.wake();
    }

    private final class CallSink implements WatchStream.Sink {
        private final ServerCallStreamObserver<WatchStateResponse> call;

        CallSink(ServerCallStreamObserver<WatchStateResponse> call) {
            this.call = call;
        }

        @Override
        public boolean isReady() {
            return call.isReady() && !call.isCancelled();
        }

        @Override
        public void send(WatchStateResponse message) {
            call.onNext(message);
        }

        @Override
        public void fail(Throwable failure) {
            support.unary().fail(call, failure, "");
        }
    }
}
