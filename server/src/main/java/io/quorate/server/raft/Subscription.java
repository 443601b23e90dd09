package io.quorate.server.raft;

/** Ends a registration. Closing twice does nothing; a call that is under way may still arrive. */
public interface Subscription extends AutoCloseable {

    @Override
    void close();
}
