package io.quorate.client.cli.verb;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.quorate.agent.v1.LocalInstance;
import io.quorate.agent.v1.LocalMember;
import io.quorate.agent.v1.LocalStatus;
import io.quorate.client.Category;
import io.quorate.client.Positions;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Output;
import io.quorate.client.cli.OutputFormat;
import io.quorate.client.cli.OutputFormatConverter;
import io.quorate.client.cli.text.Table;
import io.quorate.client.cli.text.Times;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What runs on this host, by the agent itself: works when every server is down. */
@Command(
        name = "status",
        description = "What runs on this host: asks the agent's socket, needs no server.",
        footer = {"", "  quorate local status", "  quorate local status --data /var/lib/quorate/agent -o json"})
public final class LocalStatusVerb implements Callable<Integer> {
    private static final int MAX_ANSWER_BYTES = 16 << 20;

    @Option(names = "--data", paramLabel = "DIR", description = "The agent's data (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("/var/lib/quorate/agent");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            converter = OutputFormatConverter.class,
            description = "table, wide, json or yaml")
    private OutputFormat output = OutputFormat.TABLE;

    private final CliContext cli;

    public LocalStatusVerb(CliContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() {
        LocalStatus status = ask(cli.directory().resolve(data).resolve("agent.sock"));
        Output.print(cli.out(), output, status, () -> render(status));
        return ExitCodes.OK;
    }

    private static LocalStatus ask(Path socket) {
        if (!Files.exists(socket)) {
            throw unavailable("no agent runs here: " + socket + " does not exist", null);
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
            while (channel.read(buffer) >= 0 && answer.size() <= MAX_ANSWER_BYTES) {
                answer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            if (answer.size() == 0) {
                throw unavailable(socket + ": the agent did not answer in time", null);
            }
            LocalStatus.Builder status = LocalStatus.newBuilder();
            JsonFormat.parser().ignoringUnknownFields().merge(answer.toString(StandardCharsets.UTF_8), status);
            return status.build();
        } catch (InvalidProtocolBufferException e) {
            throw unavailable(socket + ": not the answer of an agent: " + e.getMessage(), e);
        } catch (IOException e) {
            throw unavailable(socket + ": the agent does not answer: " + e.getMessage(), e);
        }
    }

    private static QuorateException unavailable(String message, @Nullable Throwable cause) {
        return QuorateException.of(Category.UNAVAILABLE, "NO_AGENT", message)
                .nextStep("systemctl status quorate-agent; another data directory: --data DIR")
                .cause(cause)
                .build();
    }

    private static String render(LocalStatus status) {
        String lease = status.hasLeaseLeft() ? "lease " + Times.span(status.getLeaseLeft()) + " left" : "no lease";
        StringBuilder text = new StringBuilder(status.getNode())
                .append(": ")
                .append(status.getConnected() ? "connected" : "NOT CONNECTED")
                .append(" · ")
                .append(lease)
                .append(" · incarnation ")
                .append(status.getIncarnation())
                .append(" · ")
                .append(status.getPhase().name().replace("NODE_PHASE_", ""))
                .append(" · has seen ")
                .append(Positions.format(status.getHighestSeen()))
                .append(status.getPaused() ? " · PAUSED" : "")
                .append('\n');
        if (!status.getNote().isEmpty()) {
            text.append("!  ").append(status.getNote()).append('\n');
        }
        if (status.getInstancesCount() == 0) {
            return text.append("nothing runs here\n").toString();
        }
        Table table = new Table("SERVICE", "TOKEN", "WANTED", "WITHOUT CONTACT", "MEMBERS");
        for (LocalInstance instance : status.getInstancesList()) {
            table.row(
                    instance.getInstance(),
                    instance.getToken().getGeneration() + ":"
                            + instance.getToken().getRevision(),
                    instance.getWanted() ? "yes" : "no",
                    instance.getKeepWithoutContact() ? "keeps running" : "stops",
                    instance.getMembersList().stream()
                            .map(LocalStatusVerb::member)
                            .collect(Collectors.joining(", ")));
        }
        return text.append('\n').append(table.render()).toString();
    }

    private static String member(LocalMember member) {
        String detail = member.getDetail().isEmpty() ? "" : " (" + member.getDetail() + ")";
        return member.getResource() + " " + member.getState().name().replace("RUN_STATE_", "") + detail;
    }
}
