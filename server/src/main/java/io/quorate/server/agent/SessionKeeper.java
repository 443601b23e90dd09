package io.quorate.server.agent;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.RegisterAgentResponse;
import io.quorate.agent.v1.StreamWorkRequest;
import io.quorate.agent.v1.StreamWorkResponse;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node registered and its stream of work open, for ever. A broken stream is opened again under the same session; a
 * revoked one means a new registration. On the loop's thread only.
 */
final class SessionKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    /** Short, because a server that knows no leader waits with its answer until it does: this is for servers that are away. */
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    /** Who reads the log of an agent without contact need not go back to where it began. */
    private static final Duration SAY_AGAIN = Duration.ofMinutes(1);

    private static final int NONCE_BYTES = 16;

    private final EventLoop loop;
    private final NodeLink link;
    private final Supplier<RegisterAgentRequest.Builder> identity;
    private final Listener listener;
    private final RandomGenerator random;
    private ByteString nonce;
    private Duration pause = FIRST_PAUSE;
    private @Nullable RegisterAgentResponse session;
    private NodeLink.@Nullable WorkStream stream;
    private String note = "not yet connected";
    private long saidNanos;
    private long attempt;

    /** Hears of sessions and work on the loop's thread. */
    interface Listener {
        void onSession(RegisterAgentResponse session);

        void onSessionEnd();

        void onWork(StreamWorkResponse work);
    }

    /** @param identity a new registration request but for the nonce, asked at each attempt */
    SessionKeeper(
            EventLoop loop,
            NodeLink link,
            RandomGenerator random,
            Supplier<RegisterAgentRequest.Builder> identity,
            Listener listener) {
        this.loop = loop;
        this.link = link;
        this.random = random;
        this.identity = identity;
        this.listener = listener;
        this.nonce = freshNonce();
    }

    /** Why there is no contact; empty when there is. */
    String note() {
        return note;
    }

    /** Registers; with the same nonce for as long as it may have been done without an answer. */
    void register() {
        long number = ++attempt;
        closeStream();
        RegisterAgentRequest request = identity.get().setSessionNonce(nonce).build();
        var unused = link.register(request)
                .whenComplete((answer, failure) -> loop.post(() -> registered(number, answer, failure)));
    }

    private void registered(long number, @Nullable RegisterAgentResponse answer, @Nullable Throwable failure) {
        if (number != attempt) {
            return;
        }
        if (answer == null) {
            say("registration: " + describe(failure));
            if (failure != null && Status.fromThrowable(failure).getCode() == Status.Code.FAILED_PRECONDITION) {
                // A refusal is remembered for its request: what is asked after a repair is another one.
                nonce = freshNonce();
            }
            retry(failure, this::register);
            return;
        }
        session = answer;
        nonce = freshNonce();
        pause = FIRST_PAUSE;
        LOG.info("registered: incarnation {}, session {}", answer.getIncarnation(), answer.getSession());
        listener.onSession(answer);
        openStream();
    }

    /** The session was revoked or another one took its place: register anew. */
    void lost(long sessionNumber) {
        if (session != null && session.getSession() == sessionNumber) {
            LOG.warn("session {} is not valid any more: registering again", sessionNumber);
            session = null;
            listener.onSessionEnd();
            register();
        }
    }

    private void openStream() {
        RegisterAgentResponse current = session;
        if (current == null) {
            return;
        }
        long number = ++attempt;
        StreamWorkRequest request = StreamWorkRequest.newBuilder()
                .setNode(identity.get().getNode())
                .setIncarnation(current.getIncarnation())
                .setSession(current.getSession())
                .build();
        stream = link.streamWork(request, new NodeLink.WorkListener() {
            @Override
            public void onWork(StreamWorkResponse work) {
                loop.post(() -> worked(number, work));
            }

            @Override
            public void onEnd(Throwable reason) {
                loop.post(() -> ended(number, current.getSession(), reason));
            }
        });
    }

    private void worked(long number, StreamWorkResponse work) {
        if (number == attempt) {
            note = "";
            pause = FIRST_PAUSE;
            listener.onWork(work);
        }
    }

    private void ended(long number, long sessionNumber, Throwable reason) {
        if (number != attempt) {
            return;
        }
        say("stream of work: " + describe(reason));
        Status.Code code = Status.fromThrowable(reason).getCode();
        boolean sessionRefused = code == Status.Code.FAILED_PRECONDITION
                || code == Status.Code.NOT_FOUND
                || code == Status.Code.ABORTED
                || code == Status.Code.INVALID_ARGUMENT;
        retry(reason, sessionRefused ? () -> lost(sessionNumber) : this::openStream);
    }

    private void retry(@Nullable Throwable failure, Runnable again) {
        long number = attempt;
        if (failure != null && Endpoints.leaderNamedBy(failure).isPresent()) {
            pause = FIRST_PAUSE; // the next server asked is another one, and it leads
        }
        Duration wait = pause.plusMillis(random.nextLong(pause.toMillis()));
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        loop.after(wait, () -> {
            if (number == attempt) {
                again.run();
            }
        });
    }

    private void say(String text) {
        long now = loop.clock().monotonicNanos();
        if (!text.equals(note) || now - saidNanos >= SAY_AGAIN.toNanos()) {
            LOG.warn("no contact: {}", text);
            note = text;
            saidNanos = now;
        }
    }

    void closeStream() {
        if (stream != null) {
            stream.close();
            stream = null;
        }
    }

    private ByteString freshNonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private static String describe(@Nullable Throwable failure) {
        if (failure == null) {
            return "no answer";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return failure.getMessage() + ": " + cause.getMessage() + ". This node and the servers must have "
                        + "certificates of one authority: compare them (quorate cert ls)";
            }
        }
        return String.valueOf(failure.getMessage());
    }
}
