package io.quorate.server.verb;

import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import io.quorate.server.ServerProcess;
import io.quorate.server.config.ServerConfig;
import io.quorate.server.config.ServerConfigFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate server}: runs this host's server in the foreground. */
@Command(
        description = "Run this host's server (a voter) in the foreground.",
        footer = {"", "Example: quorate server --config /etc/quorate/server.yaml"})
public final class ServerVerb extends HostVerb {
    @Option(names = "--config", paramLabel = "FILE", description = "Default: /etc/quorate/server.yaml when it exists")
    private @Nullable Path file;

    @Option(names = "--node", paramLabel = "NAME", description = "The node's name in the cluster")
    private @Nullable String node;

    @Option(names = "--data", paramLabel = "DIR", description = "The data directory, formatted by init or join")
    private @Nullable Path data;

    @Option(names = "--listen", paramLabel = "ADDRESS", description = "Of the API, Raft and node ports")
    private @Nullable String listen;

    @Option(names = "--api-port", description = "Default: 7400")
    private @Nullable Integer apiPort;

    @Option(names = "--raft-port", description = "Default: API port + 2")
    private @Nullable Integer raftPort;

    @Option(names = "--node-port", description = "Default: API port + 3")
    private @Nullable Integer nodePort;

    @Option(names = "--http-listen", paramLabel = "ADDRESS", description = "Default: loopback")
    private @Nullable String httpListen;

    @Option(names = "--http-port", description = "Default: API port + 1")
    private @Nullable Integer httpPort;

    @Option(names = "--pki", paramLabel = "DIR", description = "This host's certificates; without: loopback only")
    private @Nullable Path pki;

    public ServerVerb(CliContext context) {
        super(context);
    }

    @Override
    int run() throws Exception {
        ServerProcess.runUntilTold(config());
        return ExitCodes.OK;
    }

    private ServerConfig config() {
        Path chosen = file == null ? ServerConfig.DEFAULT_FILE : file;
        boolean useFile = file != null || (data == null && Files.exists(ServerConfig.DEFAULT_FILE));
        ServerConfigFile values = useFile ? ServerConfigFile.read(chosen) : ServerConfigFile.none();
        return values.toConfig(new ServerConfigFile.Flags(
                Optional.ofNullable(node),
                Optional.ofNullable(data),
                Optional.ofNullable(listen),
                Optional.ofNullable(apiPort),
                Optional.ofNullable(raftPort),
                Optional.ofNullable(nodePort),
                Optional.ofNullable(httpListen),
                Optional.ofNullable(httpPort),
                Optional.ofNullable(pki)));
    }
}
