package io.quorate.client;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to a server on which nothing passes for a while: connections are made, and what is sent waits. */
public final class SlowRelay implements AutoCloseable {
    private final ServerSocket door;
    private final int target;
    private final Duration delay;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    public SlowRelay(int target, Duration delay) throws IOException {
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        this.delay = delay;
        daemon(this::accept);
    }

    public Endpoint endpoint() {
        return new Endpoint("127.0.0.1", door.getLocalPort());
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "slow-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = keep(door.accept());
                daemon(() -> serve(client));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private void serve(Socket client) {
        try {
            Thread.sleep(delay.toMillis());
            Socket server = keep(new Socket(InetAddress.getLoopbackAddress(), target));
            daemon(() -> pump(server, client));
            pump(client, server);
        } catch (IOException ended) {
            // whoever used it notices
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(Socket from, Socket to) {
        try (OutputStream sink = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            for (int read = from.getInputStream().read(buffer);
                    read >= 0;
                    read = from.getInputStream().read(buffer)) {
                sink.write(buffer, 0, read);
                sink.flush();
            }
        } catch (IOException ended) {
            // as above
        }
    }

    private Socket keep(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
