package io.quorate.server.agent;

import io.quorate.client.cli.ExitCodes;
import io.quorate.server.config.AgentConfig;
import io.quorate.server.config.AgentConfigFile;
import io.quorate.server.config.ConfigException;
import io.quorate.server.tls.TlsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate agent}: runs this node's agent in the foreground. */
@Command(
        name = "agent",
        description = "Run this node's agent: it starts, watches and stops what the cluster gives to this node.",
        footer = {
            "",
            "Ending the agent leaves everything that it runs alone; the next one takes over.",
            "Example: quorate agent --config /etc/quorate/agent.yaml"
        })
public final class AgentCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "configuration file; flags win over it")
    private @Nullable Path config;

    @Option(names = "--node", paramLabel = "NAME", description = "this node's name")
    private @Nullable String node;

    @Option(names = "--data", paramLabel = "DIR", description = "the agent's own directory (/var/lib/quorate/agent)")
    private @Nullable Path data;

    @Option(
            names = "--servers",
            split = ",",
            paramLabel = "HOST:PORT",
            description = "node plane of the servers (port 7403)")
    private List<String> servers = new ArrayList<>();

    @Option(names = "--addresses", split = ",", paramLabel = "ADDRESS", description = "where this node can be reached")
    private List<String> addresses = new ArrayList<>();

    @Option(
            names = "--machine-id",
            paramLabel = "ID",
            description = "instead of the firmware's UUID, for nodes that share a machine")
    private @Nullable String machineId;

    @Option(names = "--boot-id", paramLabel = "ID", description = "instead of the kernel's boot id, with --machine-id")
    private @Nullable String bootId;

    @Option(names = "--ocf-root", paramLabel = "DIR", description = "where resource.d is (/usr/lib/ocf)")
    private @Nullable Path ocfRoot;

    @Option(names = "--fence-agents", paramLabel = "DIR", description = "where fence agents are (/usr/sbin)")
    private @Nullable Path fenceAgents;

    @Option(names = "--no-cgroups", description = "hold processes together by a marker even where cgroups are writable")
    private boolean noCgroups;

    @Option(names = "--pki", paramLabel = "DIR", description = "this node's certificates; needed beyond loopback")
    private @Nullable Path pki;

    @Override
    public Integer call() throws InterruptedException {
        try {
            AgentConfigFile file = config == null ? AgentConfigFile.none() : AgentConfigFile.read(config);
            AgentConfig effective = file.toConfig(flags());
            return AgentMain.run(effective, NodePlaneTls.of(effective));
        } catch (ConfigException | IOException e) {
            return failed(e, ExitCodes.USAGE);
        } catch (TlsException e) {
            return failed(e, ExitCodes.REFUSED);
        }
    }

    private int failed(Exception failure, int code) {
        if (spec != null) {
            spec.commandLine().getErr().println("quorate agent: " + failure.getMessage());
        }
        return code;
    }

    private AgentConfigFile.Flags flags() {
        return new AgentConfigFile.Flags(
                Optional.ofNullable(node),
                Optional.ofNullable(data),
                servers,
                addresses,
                Optional.ofNullable(machineId),
                Optional.ofNullable(bootId),
                Optional.ofNullable(ocfRoot),
                Optional.ofNullable(fenceAgents),
                !noCgroups,
                Optional.ofNullable(pki));
    }
}
