package io.quorate.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.quorate.client.GrpcFailure.Outcome;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetSettingsRequest;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.ResponseHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one cluster; thread-safe, blocking.
 *
 * <p>Each call takes one of the endpoints and goes on to the next when that one cannot answer, within the limit of the
 * configuration. A mutation is repeated under its own request id only, so that it is done at most once; it ends with
 * {@link Category#OUTCOME_UNKNOWN} when nobody said what became of it. All failures are {@link QuorateException}s.
 */
public final class QuorateClient implements AutoCloseable {
    /** How often a request that the ledger no longer knows is sent again under a new id. */
    private static final int MAX_REISSUES = 3;

    /** What a server that may hang gets before the next one is asked. */
    private static final Duration SHORTEST_SHARE = Duration.ofSeconds(1);

    /** With less time left, no further attempt is begun. */
    private static final Duration WORTH_AN_ATTEMPT = Duration.ofMillis(250);

    private final ClientConfig config;
    private final Channels channels;
    private final AtomicInteger preferred = new AtomicInteger();
    private Position highest = Position.getDefaultInstance(); // guarded by this

    private QuorateClient(ClientConfig config) {
        this.config = config;
        this.channels = new Channels(config);
    }

    /** Nothing is connected before the first call. */
    public static QuorateClient create(ClientConfig config) {
        return new QuorateClient(config);
    }

    public ClientConfig config() {
        return config;
    }

    /** The highest position in any answer so far; 0:0 before the first. */
    public synchronized Position highestPosition() {
        return highest;
    }

    /** A call that changes nothing. */
    public <Q, R extends Message> R read(MethodDescriptor<Q, R> method, Q request) {
        return read(method, request, config.limit());
    }

    /** A call that changes nothing, with its own limit. */
    public <Q, R extends Message> R read(MethodDescriptor<Q, R> method, Q request, Duration limit) {
        return read(method, request, new Attempts(limit));
    }

    private <Q, R extends Message> R read(MethodDescriptor<Q, R> method, Q request, Attempts attempts) {
        while (true) {
            Endpoint endpoint = attempts.endpoint();
            SendWitness witness = new SendWitness();
            try {
                return seen(unary(endpoint, method, request, attempts.attemptLimit(), witness));
            } catch (StatusRuntimeException e) {
                GrpcFailure failure = GrpcFailure.of(e, witness.mayHaveBeenSent(), endpoint);
                if (failure.outcome() == Outcome.DECIDED) {
                    throw failure.error();
                }
                attempts.failed(failure.error());
                if (attempts.exhausted()) {
                    throw attempts.unavailable();
                }
            }
        }
    }

    /**
     * A call that changes something.
     *
     * @param options reason, compare and set, validate_only; request id and known position are filled in. An id that
     *     is set is kept, and then the request is never sent under another one; one that repeats a request of another
     *     client must come with the known position of that one, see {@link RequestId}.
     * @param request makes the request with the options that it is given
     */
    public <Q, R extends Message> R mutate(
            MethodDescriptor<Q, R> method, MutationOptions options, Function<MutationOptions, Q> request) {
        return mutate(method, options, request, config.limit());
    }

    /** A call that changes something, with its own limit. */
    public <Q, R extends Message> R mutate(
            MethodDescriptor<Q, R> method,
            MutationOptions options,
            Function<MutationOptions, Q> request,
            Duration limit) {
        Attempts attempts = new Attempts(limit);
        boolean ownId = options.getRequestId().isEmpty();
        String requestId = ownId ? UUID.randomUUID().toString() : options.getRequestId();
        // A repetition carries the position of its first attempt: what was forgotten since then is refused, not done
        // again.
        learnPosition(options, attempts);
        MutationOptions stamped = stamped(options, requestId);
        boolean unknown = false;
        int reissues = 0;
        while (true) {
            Endpoint endpoint = attempts.endpoint();
            SendWitness witness = new SendWitness();
            try {
                Q message = request.apply(stamped);
                return seen(unary(endpoint, method, message, attempts.attemptLimit(), witness));
            } catch (StatusRuntimeException e) {
                GrpcFailure failure = GrpcFailure.of(e, witness.mayHaveBeenSent(), endpoint);
                QuorateException error = failure.error();
                if (failure.outcome() == Outcome.DECIDED) {
                    boolean expired = error.code().equals(GrpcFailure.REQUEST_EXPIRED);
                    boolean reused = error.code().equals(GrpcFailure.REQUEST_ID_REUSED);
                    if (unknown && (expired || reused || saysNothingAboutEarlierAttempts(e))) {
                        throw outcomeUnknown(stamped, error);
                    }
                    if (!expired || !ownId || ++reissues > MAX_REISSUES) {
                        throw error;
                    }
                    refreshPosition(attempts.left());
                    requestId = UUID.randomUUID().toString();
                    stamped = stamped(options, requestId);
                    continue;
                }
                unknown |= failure.outcome() == Outcome.UNKNOWN;
                attempts.failed(error);
                if (attempts.exhausted()) {
                    throw unknown ? outcomeUnknown(stamped, error) : attempts.unavailable();
                }
            }
        }
    }

    /**
     * Reads a stream until a message satisfies the predicate and returns that message; a stream that breaks is opened
     * again, on another server, with what {@code request} then gives.
     *
     * @throws QuorateException TIMED_OUT when the limit passes first
     */
    public <Q, R extends Message> R streamUntil(
            MethodDescriptor<Q, R> method, Supplier<Q> request, Duration limit, Predicate<R> last) {
        Attempts attempts = new Attempts(limit);
        while (true) {
            Endpoint endpoint = attempts.endpoint();
            try (OpenStream<R> messages = open(endpoint, method, request.get(), attempts.left())) {
                while (messages.hasNext()) {
                    R message = seen(messages.next());
                    attempts.succeeded();
                    if (last.test(message)) {
                        return message;
                    }
                }
                attempts.failed(GrpcFailure.ended(endpoint));
            } catch (StatusRuntimeException e) {
                GrpcFailure failure = GrpcFailure.of(e, true, endpoint);
                if (failure.outcome() == Outcome.DECIDED) {
                    throw failure.error();
                }
                attempts.failed(failure.error());
            }
            if (attempts.exhausted()) {
                throw QuorateException.of(Category.TIMED_OUT, "TIMED_OUT", "not finished in time")
                        .cause(attempts.lastError())
                        .build();
            }
        }
    }

    /** Opens a stream on one endpoint; its failures are StatusRuntimeExceptions of the iteration. */
    <Q, R> OpenStream<R> open(Endpoint endpoint, MethodDescriptor<Q, R> method, Q request, @Nullable Duration limit) {
        CallOptions options = CallOptions.DEFAULT;
        if (limit != null) {
            options = options.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
        }
        return OpenStream.of(channels.to(endpoint), method, options, request);
    }

    /**
     * Reads a stream from its first message to its end on one server. An attempt that brought no message is repeated
     * elsewhere; one that broke later ends with UNAVAILABLE, because its parts do not fit to those of another server.
     */
    public <Q, R extends Message> void streamAll(
            MethodDescriptor<Q, R> method, Q request, Duration limit, Consumer<R> each) {
        Attempts attempts = new Attempts(limit);
        while (true) {
            Endpoint endpoint = attempts.endpoint();
            boolean begun = false;
            try (OpenStream<R> messages = open(endpoint, method, request, attempts.left())) {
                while (messages.hasNext()) {
                    R message = seen(messages.next());
                    begun = true;
                    each.accept(message);
                }
                return;
            } catch (StatusRuntimeException e) {
                GrpcFailure failure = GrpcFailure.of(e, true, endpoint);
                attempts.failed(failure.error());
                if (failure.outcome() == Outcome.DECIDED) {
                    throw failure.error();
                }
                if (begun || attempts.exhausted()) {
                    throw attempts.unavailable();
                }
            }
        }
    }

    /** The endpoint that calls go to first, and what to say when it failed. */
    Endpoint preferredEndpoint() {
        return config.endpoints()
                .get(Math.floorMod(preferred.get(), config.endpoints().size()));
    }

    /** The preferred endpoint if it is connected, else the one to which a connection can be made first, preferred from now on. */
    Endpoint connected(Duration limit) {
        Endpoint best = preferredEndpoint();
        if (channels.to(best).getState(false) == ConnectivityState.READY) {
            return best;
        }
        List<Endpoint> order = new ArrayList<>(config.endpoints());
        Collections.rotate(order, -order.indexOf(best));
        Optional<Endpoint> winner = ConnectionRace.run(channels, order, limit);
        winner.ifPresent(endpoint -> preferred.set(config.endpoints().indexOf(endpoint)));
        return winner.orElse(best);
    }

    /** The next call takes the endpoint after this one. */
    void avoid(Endpoint failed) {
        int index = config.endpoints().indexOf(failed);
        preferred.compareAndSet(index, (index + 1) % config.endpoints().size());
    }

    /** Remembers a position that an answer carried. */
    synchronized void observe(Position position) {
        if (Positions.isAfter(position, highest)) {
            highest = position;
        }
    }

    private <Q, R> R unary(
            Endpoint endpoint, MethodDescriptor<Q, R> method, Q request, Duration limit, SendWitness witness) {
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(witness);
        return ClientCalls.blockingUnaryCall(channels.to(endpoint), method, options, request);
    }

    /**
     * Asks any server where it is, before a first request is sent: only with a position can a repetition of it be refused
     * once the ledger has forgotten it. A stale answer will do, it makes the cluster only more careful.
     */
    private void learnPosition(MutationOptions options, Attempts attempts) {
        boolean needed = !options.getValidateOnly()
                && !options.hasKnownPosition()
                && highestPosition().getGeneration() == 0;
        GetSettingsRequest request = GetSettingsRequest.newBuilder()
                .setRead(ReadOptions.newBuilder().setConsistency(ReadConsistency.READ_CONSISTENCY_STALE))
                .build();
        if (!needed) {
            return;
        }
        try {
            read(ClusterServiceGrpc.getGetSettingsMethod(), request, attempts);
        } catch (QuorateException e) {
            // A server that refuses this lets the request itself be refused.
            if (e.category() == Category.UNAVAILABLE) {
                throw e;
            }
        }
    }

    private void refreshPosition(Duration limit) {
        GetSettingsRequest request = GetSettingsRequest.getDefaultInstance();
        read(ClusterServiceGrpc.getGetSettingsMethod(), request, atLeastMillis(limit));
    }

    private MutationOptions stamped(MutationOptions options, String requestId) {
        MutationOptions.Builder stamped = options.toBuilder().setRequestId(requestId);
        Position known = highestPosition();
        if (!stamped.hasKnownPosition() && known.getGeneration() > 0) {
            stamped.setKnownPosition(known);
        }
        return stamped.build();
    }

    private <R extends Message> R seen(R answer) {
        FieldDescriptor field = answer.getDescriptorForType().findFieldByName("header");
        if (field != null && answer.hasField(field) && answer.getField(field) instanceof ResponseHeader header) {
            observe(header.getPosition());
        }
        return answer;
    }

    /** These are said before the ledger is asked, so that an earlier attempt may still have been done. */
    private static boolean saysNothingAboutEarlierAttempts(StatusRuntimeException failure) {
        return switch (failure.getStatus().getCode()) {
            case PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED, RESOURCE_EXHAUSTED -> true;
            default -> false;
        };
    }

    private static QuorateException outcomeUnknown(MutationOptions sent, QuorateException last) {
        RequestId request = RequestId.of(sent);
        return QuorateException.of(
                        Category.OUTCOME_UNKNOWN,
                        "OUTCOME_UNKNOWN",
                        "it may have been done: the answer was lost (" + last.text() + ")")
                .requestId(request.format())
                .nextStep(
                        request.known().isPresent()
                                ? "repeat it with --request-id " + request.format() + ": it is done at most once"
                                : "see whether it was done before you do it again: quorate history")
                .cause(last)
                .build();
    }

    private static Duration atLeastMillis(Duration limit) {
        return limit.isZero() ? Duration.ofMillis(1) : limit;
    }

    @Override
    public void close() {
        channels.close();
    }

    /** The attempts of one call: which endpoint is next, how long it may take, and when it is enough. */
    private final class Attempts {
        private final Deadline deadline;
        private final Duration share;
        private final Duration shortest;
        private final Backoff backoff = new Backoff(RandomGenerator.getDefault());
        private final Endpoint first = preferredEndpoint(); // of the config's order, before any connection
        private int failuresInRow;
        private @Nullable QuorateException lastError;
        private @Nullable QuorateException lastErrorOfFirst;
        private @Nullable QuorateException lastAnswer;

        Attempts(Duration limit) {
            this.deadline = Deadline.after(limit.minus(counted(connect(limit))));
            Duration half = limit.dividedBy(2);
            Duration fifth = limit.dividedBy(5);
            this.shortest = fifth.compareTo(WORTH_AN_ATTEMPT) < 0 ? fifth : WORTH_AN_ATTEMPT;
            this.share =
                    config.endpoints().size() == 1 ? limit : half.compareTo(SHORTEST_SHARE) > 0 ? half : SHORTEST_SHARE;
        }

        /** One that is connected; the preferred one when there is none, to say why. */
        Endpoint endpoint() {
            return connected(attemptLimit());
        }

        /** How long it took until there was a connection, at most what connecting and the call may take. */
        private Duration connect(Duration limit) {
            long begin = System.nanoTime();
            Endpoint unused = connected(Durations.longer(limit, config.connecting()));
            return Duration.ofNanos(System.nanoTime() - begin);
        }

        private Duration counted(Duration connecting) {
            return Durations.longer(connecting.minus(config.connecting()), Duration.ZERO);
        }

        Duration left() {
            return deadline.left();
        }

        /** A server that hangs must leave time for the others. */
        Duration attemptLimit() {
            return Durations.shorter(atLeastMillis(left()), share);
        }

        void succeeded() {
            failuresInRow = 0;
            backoff.reset();
        }

        /** Goes on to the next endpoint; pauses when all of them have failed since the last pause. */
        void failed(QuorateException error) {
            lastError = error;
            if (preferredEndpoint().equals(first)) {
                lastErrorOfFirst = error;
            }
            if (GrpcFailure.isFromServer(error)) {
                lastAnswer = error;
            }
            avoid(preferredEndpoint());
            failuresInRow++;
            if (failuresInRow % config.endpoints().size() == 0 && !deadline.passed()) {
                backoff.pause(deadline);
            }
        }

        /** An attempt that cannot get an answer any more would only make the outcome unknown. */
        boolean exhausted() {
            return deadline.left().compareTo(shortest) < 0;
        }

        @Nullable
        QuorateException lastError() {
            return lastError;
        }

        /** What a server said counts for more than that another one did not answer; else the first is the one meant. */
        QuorateException unavailable() {
            QuorateException silent = lastErrorOfFirst != null ? lastErrorOfFirst : Objects.requireNonNull(lastError);
            QuorateException error = lastAnswer != null ? lastAnswer : silent;
            return QuorateException.of(Category.UNAVAILABLE, error.code(), error.text())
                    .object(error.object())
                    .nextStep(error.nextStep())
                    .cause(error)
                    .build();
        }
    }
}
