package io.quorate.server.leader;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What the leader does with futures: it never waits for one, it is told. */
final class Futures {
    private Futures() {}

    /** Tells the outcome: the value, or why there is none. The continuation must not throw. */
    static <T> void whenDone(CompletableFuture<T> future, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        var unused = future.whenComplete((value, failure) -> then.accept(value, unwrap(failure)));
    }

    /** Completes the other future with the outcome of this one. */
    static <T> void pass(CompletableFuture<T> from, CompletableFuture<T> to) {
        whenDone(from, (value, failure) -> {
            if (value == null) {
                to.completeExceptionally(failure == null ? new IllegalStateException("no outcome") : failure);
            } else {
                to.complete(value);
            }
        });
    }

    static @Nullable Throwable unwrap(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
