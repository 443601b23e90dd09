package io.quorate.jepsen.sim;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.CheckTicketResponse;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.RenewLeaseRequest;
import io.quorate.agent.v1.RenewLeaseResponse;
import io.quorate.agent.v1.ReportResultsRequest;
import io.quorate.agent.v1.ReportResultsResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.agent.Endpoints;
import io.quorate.server.agent.NodeLink;
import io.quorate.server.leader.AgentServiceImpl;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way of one agent process to the servers, over the simulated network. As with gRPC over TCP: what meets a cut arrives
 * after it, if anybody still waits for it; a process that is gone is answered for by its kernel, a machine that is gone by nobody.
 */
final class SimLink implements NodeLink {
    private static final long CALL_NANOS = 3 * Timeline.SECOND;
    private static final long RENEW_NANOS = 800 * Timeline.MILLI;
    /** After this long without an answer to a keepalive a stream is given up. */
    private static final long KEEPALIVE_NANOS = 12 * Timeline.SECOND;

    private static final long TRY_NANOS = 100 * Timeline.MILLI;

    private final Timeline timeline;
    private final Network network;
    private final SplittableRandom random;
    private final SimMachine machine;
    private final List<SimServer> servers;
    private final Predicate<String> isOn;
    private final Mutation mutation;
    private final Endpoints endpoints;
    private @Nullable Stream stream;
    private boolean closed;
    private long duplicatePermille;

    /** @param isOn whether the machine of a server has power, by name */
    SimLink(
            Timeline timeline,
            Network network,
            SplittableRandom random,
            SimMachine machine,
            List<SimServer> servers,
            Predicate<String> isOn,
            Mutation mutation) {
        this.timeline = timeline;
        this.network = network;
        this.random = random;
        this.machine = machine;
        this.servers = servers;
        this.isOn = isOn;
        this.mutation = mutation;
        this.endpoints = new Endpoints(servers.stream().map(SimServer::endpoint).toList());
    }

    /** Of a thousand calls so many are sent twice. */
    void duplicate(long permille) {
        duplicatePermille = permille;
    }

    private SimServer server(String endpoint) {
        return servers.stream()
                .filter(server -> server.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public CompletableFuture<RegisterAgentResponse> register(RegisterAgentRequest request) {
        return call(CALL_NANOS, (service, answer) -> service.registerAgent(request, answer));
    }

    @Override
    public CompletableFuture<RenewLeaseResponse> renew(RenewLeaseRequest request) {
        return call(RENEW_NANOS, (service, answer) -> service.renewLease(request, answer));
    }

    @Override
    public CompletableFuture<ReportResultsResponse> report(ReportResultsRequest request) {
        return call(CALL_NANOS, (service, answer) -> service.reportResults(request, answer));
    }

    @Override
    public CompletableFuture<CheckTicketResponse> checkTicket(CheckTicketRequest request) {
        return mutation.is(Mutation.Fake.TicketFreshAgent)
                ? CompletableFuture.completedFuture(
                        CheckTicketResponse.newBuilder().setOpen(true).build())
                : call(CALL_NANOS, (service, answer) -> service.checkTicket(request, answer));
    }

    private <T> CompletableFuture<T> call(long deadlineNanos, BiConsumer<AgentServiceImpl, StreamObserver<T>> method) {
        SimServer server = server(endpoints.current());
        Call<T> call = new Call<>(server);
        timeline.after(deadlineNanos, () -> call.fail(Status.DEADLINE_EXCEEDED.withDescription("no answer in time")));
        call.send(method);
        if (random.nextLong(1000) < duplicatePermille) {
            call.send(method);
        }
        return call.answer;
    }

    /** One call: its request and its answer each find their way, or do not. */
    private final class Call<T> {
        private final SimServer server;
        private final CompletableFuture<T> answer = new CompletableFuture<>();

        Call(SimServer server) {
            this.server = server;
        }

        void send(BiConsumer<AgentServiceImpl, StreamObserver<T>> method) {
            deliver(machine.name(), server.name(), this::isOver, () -> {
                SimServer.Life process = server.process();
                if (process == null) {
                    refuse();
                } else if (server.isPaused()) {
                    timeline.after(TRY_NANOS, () -> {
                        if (!isOver()) {
                            send(method);
                        }
                    });
                } else {
                    method.accept(process.service(), new Answer(process));
                }
            });
        }

        private void refuse() {
            deliver(
                    server.name(),
                    machine.name(),
                    this::isOver,
                    () -> fail(Status.UNAVAILABLE.withDescription("connection refused")));
        }

        private boolean isOver() {
            return closed || answer.isDone();
        }

        private void fail(Status status) {
            fail(status.asRuntimeException());
        }

        private void fail(Throwable reason) {
            if (!isOver()) {
                endpoints.turnAway(server.endpoint(), reason);
                answer.completeExceptionally(reason);
            }
        }

        private final class Answer implements StreamObserver<T> {
            private final SimServer.Life process;

            Answer(SimServer.Life process) {
                this.process = process;
            }

            @Override
            public void onNext(T value) {
                back(() -> {
                    answeredBy(server.endpoint());
                    answer.complete(value);
                });
            }

            @Override
            public void onError(Throwable reason) {
                back(() -> fail(reason));
            }

            /** A process that ends takes what it has not sent along. */
            private void back(Runnable arrived) {
                if (server.lives(process)) {
                    deliver(server.name(), machine.name(), Call.this::isOver, arrived);
                }
            }

            @Override
            public void onCompleted() {}
        }
    }

    /** Brings something to the other machine as soon as it gets through; never when it is void by then. */
    private void deliver(String from, String to, BooleanSupplier isVoid, Runnable arrived) {
        timeline.after(network.delayNanos(from, to), () -> {
            if (isVoid.getAsBoolean()) {
                return;
            }
            if (network.passes(from, to) && isOn.test(from) && isOn.test(to)) {
                arrived.run();
            } else {
                timeline.after(TRY_NANOS, () -> deliver(from, to, isVoid, arrived));
            }
        });
    }

    private void answeredBy(String endpoint) {
        Stream open = stream;
        if (open != null && !open.server.endpoint().equals(endpoint)) {
            stream = null;
            open.leave();
        }
    }

    @Override
    public WorkStream streamWork(StreamWorkRequest request, WorkListener listener) {
        Stream open = new Stream(server(endpoints.current()), listener);
        stream = open;
        open.open(request);
        return open::close;
    }

    @Override
    public void close() {
        closed = true;
        Stream open = stream;
        if (open != null) {
            open.close();
        }
    }

    /** One stream of work. What is sent on it arrives in order. */
    private final class Stream {
        private final SimServer server;
        private final WorkListener listener;
        private @Nullable Sender sender;
        private boolean over;
        private final Deque<Runnable> underWay = new ArrayDeque<>();
        private long silentSinceNanos = -1;

        Stream(SimServer server, WorkListener listener) {
            this.server = server;
            this.listener = listener;
        }

        void open(StreamWorkRequest request) {
            deliver(machine.name(), server.name(), () -> over || closed, () -> {
                SimServer.Life process = server.process();
                if (process == null) {
                    end(Status.UNAVAILABLE.withDescription("connection refused").asRuntimeException());
                    return;
                }
                Sender opened = new Sender(process);
                sender = opened;
                process.service().streamWork(request, opened);
            });
            keepAlive();
        }

        /** Whether the other side is still there is asked from time to time. */
        private void keepAlive() {
            timeline.after(Timeline.SECOND, () -> {
                if (over || closed) {
                    return;
                }
                boolean answered = network.passesBothWays(machine.name(), server.name()) && isOn.test(server.name());
                boolean gone = sender != null && !server.lives(sender.process);
                if (answered && gone) {
                    end(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
                } else if (answered) {
                    silentSinceNanos = -1;
                } else if (silentSinceNanos < 0) {
                    silentSinceNanos = timeline.nowNanos();
                } else if (timeline.nowNanos() - silentSinceNanos > KEEPALIVE_NANOS) {
                    end(Status.UNAVAILABLE.withDescription("keepalive failed").asRuntimeException());
                }
                keepAlive();
            });
        }

        private void end(Throwable reason) {
            if (!over) {
                over = true;
                endpoints.turnAway(server.endpoint(), reason);
                if (!closed) {
                    listener.onEnd(reason);
                }
            }
        }

        void leave() {
            if (!over) {
                cancel();
                over = true;
                listener.onEnd(Status.UNAVAILABLE
                        .withDescription("another server leads now")
                        .asRuntimeException());
            }
        }

        /** The agent closes it, or its process ends, and its kernel says so; a machine without power says nothing. */
        void close() {
            if (!over) {
                over = true;
                if (machine.isOn()) {
                    cancel();
                }
            }
        }

        private void cancel() {
            Sender open = sender;
            if (open != null) {
                deliver(machine.name(), server.name(), () -> !server.lives(open.process), () -> {
                    open.cancelled = true;
                    open.onCancel.run();
                });
            }
        }

        /** The server's end. */
        private final class Sender extends ServerCallStreamObserver<StreamWorkResponse> {
            private final SimServer.Life process;
            private Runnable onCancel = () -> {};
            private boolean cancelled;

            Sender(SimServer.Life process) {
                this.process = process;
            }

            @Override
            public void onNext(StreamWorkResponse work) {
                inOrder(() -> {
                    endpoints.learn(work.getServersList());
                    listener.onWork(work);
                });
            }

            @Override
            public void onError(Throwable reason) {
                inOrder(() -> end(reason));
            }

            private void inOrder(Runnable arrived) {
                if (!server.lives(process)) {
                    return;
                }
                underWay.add(arrived);
                timeline.after(network.delayNanos(server.name(), machine.name()), this::arrive);
            }

            /** The first of those under way, whichever message's turn it is. */
            private void arrive() {
                if (over || closed) {
                    return;
                }
                if (network.passes(server.name(), machine.name()) && isOn.test(server.name())) {
                    underWay.remove().run();
                } else {
                    timeline.after(TRY_NANOS, this::arrive);
                }
            }

            @Override
            public void onCompleted() {}

            @Override
            public boolean isCancelled() {
                return cancelled;
            }

            @Override
            public void setOnCancelHandler(Runnable handler) {
                onCancel = handler;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setOnReadyHandler(Runnable handler) {}

            @Override
            public void setCompression(String name) {}

            @Override
            public void disableAutoInboundFlowControl() {}

            @Override
            public void request(int count) {}

            @Override
            public void setMessageCompression(boolean enable) {}
        }
    }
}
