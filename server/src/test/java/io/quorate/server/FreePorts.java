package io.quorate.server;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that are started later, or started again. They lie below those that the kernel gives to outgoing
 * connections, of which any could hold one of them meanwhile, and none is given out twice by one process.
 * {@code DevVerbTest} has its own below these.
 */
public final class FreePorts {

    private static final int FIRST = 21_000;
    private static final int COUNT = 11_000;

    /** A prime, so that processes that run at the same time begin far from each other. */
    private static final int APART = 1_009;

    private static final AtomicInteger next =
            new AtomicInteger((int) (ProcessHandle.current().pid() * APART % COUNT));

    private FreePorts() {}

    /** A port that nobody listens on now. */
    public static int next() {
        for (int tries = 0; tries < COUNT; tries++) {
            int port = FIRST + next.getAndIncrement() % COUNT;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free from " + FIRST + " to " + (FIRST + COUNT - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
