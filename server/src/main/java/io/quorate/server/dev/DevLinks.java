package io.quorate.server.dev;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The cables between the nodes of a dev cluster. Each node knows the others under names of its own, NODE.dev, which lead to
 * a relay for that direction: so each pair of nodes has links that can be cut, without root. A cut link is silent, as a
 * pulled cable: connections stay open and nothing passes. When it heals, what was stuck is reset, as after a long silence.
 *
 * <p>Which nodes are cut is what the directory {@code cuts} holds, a file each: the verbs write it, this class watches it.
 */
final class DevLinks implements Closeable {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final DevLayout layout;
    private final Path cuts;
    private final WatchService watch;
    private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
    private final List<ServerSocket> listeners = new ArrayList<>();
    private volatile Set<String> cut = Set.of();

    /** Nothing is laid yet. */
    DevLinks(DevLayout layout) throws IOException {
        this.layout = layout;
        this.cuts = cuts(layout);
        this.watch = layout.dir().getFileSystem().newWatchService();
    }

    private static Path cuts(DevLayout layout) {
        return layout.dir().resolve("cuts");
    }

    /** The name under which others know a node, in endpoints. */
    static String name(String node) {
        return node + ".dev";
    }

    static void cut(DevLayout layout, String node) throws IOException {
        Files.write(cuts(layout).resolve(node), new byte[0]);
    }

    /** Gives whether it was cut. */
    static boolean heal(DevLayout layout, String node) throws IOException {
        return Files.deleteIfExists(cuts(layout).resolve(node));
    }

    /** Lays all links and watches for cuts until it is closed. */
    void open() throws IOException {
        Files.createDirectories(cuts);
        cuts.register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
        for (String from : layout.nodeNames()) {
            writeHosts(from);
            for (String to : layout.nodeNames()) {
                if (!from.equals(to)) {
                    listen(from, to, layout.raftPort(to));
                    listen(from, to, layout.nodePort(to));
                }
            }
        }
        daemon(this::watch, "dev-cuts");
    }

    /** The names as one node sees them: itself directly, the others through its own relays. */
    private void writeHosts(String from) throws IOException {
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
        for (String to : layout.nodeNames()) {
            String address = from.equals(to) ? "127.0.0.1" : address(from, to).getHostAddress();
            lines.add(address + " " + name(to));
        }
        Files.createDirectories(layout.nodeDir(from));
        Files.write(hosts(layout, from), lines);
    }

    static Path hosts(DevLayout layout, String node) {
        return layout.nodeDir(node).resolve("hosts");
    }

    /** 127.0.FROM.TO: the whole of 127/8 is loopback on Linux. */
    private static InetAddress address(String from, String to) throws IOException {
        return InetAddress.getByAddress(
                new byte[] {127, 0, (byte) DevLayout.number(from), (byte) DevLayout.number(to)});
    }

    private void listen(String from, String to, int port) throws IOException {
        ServerSocket listener = new ServerSocket();
        listeners.add(listener);
        listener.setReuseAddress(true);
        InetSocketAddress address = new InetSocketAddress(address(from, to), port);
        try {
            listener.bind(address);
        } catch (BindException e) {
            throw new IOException(
                    address.getHostString() + ":" + port + ", the link from " + from + " to " + to
                            + ", is taken: choose others with --port-base",
                    e);
        }
        daemon(() -> accept(listener, from, to, port), "dev-link-" + from + "-" + to + "-" + port);
    }

    private void accept(ServerSocket listener, String from, String to, int port) {
        while (!listener.isClosed()) {
            try {
                Relay relay = new Relay(from, to, listener.accept());
                relays.add(relay);
                daemon(() -> relay.connect(port), "dev-relay");
            } catch (IOException e) {
                // The listener was closed, or this connection ended before it began: the next one tells.
            }
        }
    }

    private void watch() {
        try {
            while (true) {
                WatchKey key = watch.take();
                key.pollEvents();
                Set<String> now = ConcurrentHashMap.newKeySet();
                try (var files = Files.newDirectoryStream(cuts)) {
                    files.forEach(file -> now.add(file.getFileName().toString()));
                }
                Set<String> before = cut;
                cut = Set.copyOf(now);
                relays.stream()
                        .filter(relay -> relay.touches(before) && !relay.touches(cut))
                        .forEach(Relay::close);
                key.reset();
            }
        } catch (IOException | InterruptedException | java.nio.file.ClosedWatchServiceException e) {
            // The cluster ends.
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
        for (ServerSocket listener : listeners) {
            listener.close();
        }
        relays.forEach(Relay::close);
    }

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection, both directions. */
    private final class Relay implements Closeable {
        private final String from;
        private final String to;
        private final Socket near;
        private final Socket far = new Socket();

        Relay(String from, String to, Socket near) {
            this.from = from;
            this.to = to;
            this.near = near;
        }

        boolean touches(Set<String> nodes) {
            return nodes.contains(from) || nodes.contains(to);
        }

        void connect(int port) {
            try {
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                daemon(() -> pump(far, near), "dev-relay-back");
                pump(near, far);
            } catch (IOException e) {
                close();
            }
        }

        /** While the link is cut, what was read goes nowhere: the bytes of a broken cable. */
        private void pump(Socket source, Socket sink) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = source.getInputStream();
                OutputStream out = sink.getOutputStream();
                boolean lost = false;
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    lost |= touches(cut);
                    if (!lost) {
                        out.write(buffer, 0, read);
                    }
                }
            } catch (IOException e) {
                // Reset by one side: both end.
            } finally {
                if (!touches(cut)) {
                    close();
                }
            }
        }

        @Override
        public void close() {
            relays.remove(this);
            for (Socket socket : List.of(near, far)) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // It is gone, which is what was wanted.
                }
            }
        }
    }
}
