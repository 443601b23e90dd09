package io.quorate.server.agent;

import com.google.protobuf.util.JsonFormat;
import io.quorate.agent.v1.LocalStatus;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers each connection on the agent's Unix socket with one JSON document and closes it: the only truth about this node when
 * no server can be reached. The directory's mode keeps others out; the socket's own is 0600.
 */
final class LocalStatusServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalStatusServer.class);
    private static final long PATIENCE_SECONDS = 2;

    private final Path path;
    private final ServerSocketChannel channel;
    private final Supplier<CompletableFuture<LocalStatus>> status;

    LocalStatusServer(Path path, Supplier<CompletableFuture<LocalStatus>> status) throws IOException {
        this.path = path;
        this.status = status;
        Files.deleteIfExists(path);
        this.channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        Thread thread = new Thread(this::serve, "agent-local-status");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        while (channel.isOpen()) {
            try (SocketChannel client = channel.accept()) {
                LocalStatus current = status.get().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                String json =
                        JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(current) + "\n";
                ByteBuffer bytes = ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    client.write(bytes);
                }
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException | TimeoutException | java.util.concurrent.ExecutionException e) {
                LOG.debug("local status not answered: {}", String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
    }
}
