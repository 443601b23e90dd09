package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.quorate.agent.v1.LocalInstance;
import io.quorate.agent.v1.LocalMember;
import io.quorate.agent.v1.LocalStatus;
import io.quorate.client.FakeServer;
import io.quorate.v1.NodePhase;
import io.quorate.v1.RunState;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's own answer is shown without any server. */
class LocalStatusTest {
    @TempDir
    private Path directory;

    private final CliRun cli = new CliRun();

    private CompletableFuture<Void> serveOnce(String answer) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("agent.sock")));
        CompletableFuture<Void> served = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (socket;
                            SocketChannel client = socket.accept()) {
                        ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
                        while (bytes.hasRemaining()) {
                            int unused = client.write(bytes);
                        }
                        served.complete(null);
                    } catch (IOException e) {
                        served.completeExceptionally(e);
                    }
                },
                "agent");
        thread.setDaemon(true);
        thread.start();
        return served;
    }

    @Test
    void whatRunsHereIsShown() throws IOException {
        LocalStatus status = LocalStatus.newBuilder()
                .setNode("n1")
                .setPhase(NodePhase.NODE_PHASE_UP)
                .setIncarnation(7)
                .setHighestSeen(FakeServer.position(40))
                .setNote("no server answers for 12 s")
                .addInstances(LocalInstance.newBuilder()
                        .setInstance("web")
                        .setToken(Samples.token(14))
                        .setWanted(true)
                        .setKeepWithoutContact(true)
                        .addMembers(LocalMember.newBuilder().setResource("www").setState(RunState.RUN_STATE_RUNNING)))
                .build();
        CompletableFuture<Void> served = serveOnce(JsonFormat.printer().print(status));
        assertThat(cli.run("local", "status", "--data", directory.toString())).isZero();
        served.join();
        assertThat(cli.out()).isEqualTo("""
                        n1: NOT CONNECTED · no lease · incarnation 7 · UP · has seen 1:40
                        !  no server answers for 12 s

                        SERVICE  TOKEN  WANTED  WITHOUT CONTACT  MEMBERS
                        web      1:14   yes     keeps running    www RUNNING
                        """);
    }

    @Test
    void anAgentThatDoesNotRunIsExitCodeFive() {
        assertThat(cli.run("local", "status", "--data", directory.toString())).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli.err()).contains("no agent runs here", "--data DIR");
    }

    @Test
    void anAnswerThatIsNoneIsNotShown() throws IOException {
        CompletableFuture<Void> served = serveOnce("");
        assertThat(cli.run("local", "status", "--data", directory.toString())).isEqualTo(ExitCodes.UNAVAILABLE);
        served.join();
        assertThat(cli.err()).contains("did not answer");
    }
}
