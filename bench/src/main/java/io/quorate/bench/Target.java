package io.quorate.bench;

import com.google.common.util.concurrent.ListenableFuture;
import java.util.List;

/** A cluster of three processes under load. Calls are thread-safe, and each is one unary call on the wire. */
interface Target extends AutoCloseable {
    /** Name in tables and JSON. */
    String name();

    /** Process ids of the servers. */
    List<Long> pids();

    /** Replaces the value of a key; done when it is committed. */
    ListenableFuture<?> commit(int key, String value);

    /** A linearizable read; fails when the key is missing. */
    ListenableFuture<?> read(int key);

    @Override
    void close();
}
