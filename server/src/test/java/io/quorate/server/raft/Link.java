package io.quorate.server.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One direction between two members: a TCP proxy that can be cut. While it is cut nothing passes and nothing is closed, as
 * when a cable is out; what waited is delivered late after it heals. It can also lose what comes back, and reset.
 */
final class Link implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Object gate = new Object();
    private boolean cut;
    private volatile boolean losesAnswers;
    private volatile String fatal = "";
    private volatile boolean closed;

    Link(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void cut() {
        synchronized (gate) {
            cut = true;
        }
    }

    void heal() {
        synchronized (gate) {
            cut = false;
            gate.notifyAll();
        }
    }

    /** Once a message with this text has passed, what the target answers goes nowhere, until a reset. */
    void loseAnswersTo(String text) {
        fatal = text;
    }

    /** Ends every connection at once, as when a firewall on the way starts again; new ones can be made. */
    void reset() {
        fatal = "";
        sockets.forEach(this::quietlyClose);
        losesAnswers = false;
    }

    private void passGate() throws InterruptedException {
        synchronized (gate) {
            while (cut && !closed) {
                gate.wait();
            }
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket near = listener.accept();
                sockets.add(near);
                daemon(() -> connect(near));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void connect(Socket near) {
        try {
            passGate();
            Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(far);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            daemon(() -> pump(near, far, false));
            daemon(() -> pump(far, near, true));
        } catch (IOException e) {
            quietlyClose(near);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            int count = in.read(buffer);
            while (count >= 0) {
                passGate();
                if (!answers && isFatal(new String(buffer, 0, count, StandardCharsets.ISO_8859_1))) {
                    losesAnswers = true;
                }
                if (!(answers && losesAnswers)) {
                    out.write(buffer, 0, count);
                }
                count = in.read(buffer);
            }
        } catch (IOException e) {
            quietlyClose(from);
            quietlyClose(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isFatal(String message) {
        String text = fatal;
        return !text.isEmpty() && message.contains(text);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "link");
        thread.setDaemon(true);
        thread.start();
    }

    private void quietlyClose(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a socket failed", e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        heal();
        sockets.forEach(this::quietlyClose);
    }
}
