package io.quorate.server.agent;

import com.google.protobuf.ByteString;
import io.netty.handler.ssl.SslContext;
import io.quorate.agent.v1.AgentTypes;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.RegisterAgentRequest;
import io.quorate.agent.v1.StoredAgent;
import io.quorate.client.BuildVersion;
import io.quorate.server.agent.exec.Cells;
import io.quorate.server.agent.exec.CgroupCells;
import io.quorate.server.agent.exec.CleanEnvironment;
import io.quorate.server.agent.exec.CopyFiles;
import io.quorate.server.agent.exec.MarkerCells;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.OcfExecutor;
import io.quorate.server.agent.exec.OperationFiles;
import io.quorate.server.agent.exec.PacemakerTools;
import io.quorate.server.agent.exec.ProcessExecutor;
import io.quorate.server.agent.exec.ProcessRunner;
import io.quorate.server.agent.exec.SystemProcessRunner;
import io.quorate.server.agent.exec.SystemdExecutor;
import io.quorate.server.agent.fence.FenceRunner;
import io.quorate.server.agent.identity.AutostartUnits;
import io.quorate.server.agent.identity.InstalledTypes;
import io.quorate.server.agent.identity.MachineIdentities;
import io.quorate.server.config.AgentConfig;
import io.quorate.server.config.ConfigException;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.model.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts an agent together and runs it until it is told to end. Ending it never touches what it runs. */
public final class AgentMain {
    private static final Logger LOG = LoggerFactory.getLogger(AgentMain.class);
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path OCF_STATE = Path.of("/run/resource-agents");
    private static final Path SYSTEMCTL = Path.of("/usr/bin/systemctl");
    private static final Duration GOODBYE = Duration.ofSeconds(1);
    private static final int MEMBER_WORKERS = 16;
    private static final int ORDER_WORKERS = 4;
    private static final long IDLE_SECONDS = 60;
    private static final int LEVEL = 1;
    private static final int DEFECT_EXIT_CODE = 70;

    private AgentMain() {}

    /**
     * Runs until the process is told to end (TERM or interrupt), then detaches: resources go on.
     *
     * @param tls asked for each connection; empty means plaintext, which is refused beyond loopback
     * @return the exit code of the process
     * @throws ConfigException when it must not start so
     * @throws IOException when its directory cannot be used: the message says what to do
     */
    public static int run(AgentConfig config, Supplier<Optional<SslContext>> tls)
            throws IOException, InterruptedException {
        if (tls.get().isEmpty()) {
            requireLoopback(config.servers());
        }
        MachineIdentity machine = identity(config);
        try (NodeLink link = new GrpcNodeLink(config.servers(), tls);
                Agent agent = Agent.open(
                        config.data(),
                        config.node(),
                        machine.getBootId(),
                        new RealMachine(config, machine),
                        surroundings(link))) {
            CountDownLatch ended = new CountDownLatch(1);
            CountDownLatch finished = new CountDownLatch(1);
            Thread hook = new Thread(() -> endAndWait(ended, finished), "agent-end");
            Runtime.getRuntime().addShutdownHook(hook);
            try (LocalStatusServer local = new LocalStatusServer(config.data().resolve("agent.sock"), agent::status)) {
                LOG.info(
                        "agent of {}: processes in {}, status at {}",
                        config.node(),
                        agent.cellsDescription(),
                        local.path());
                agent.start();
                try {
                    ended.await();
                } finally {
                    agent.detach(GOODBYE);
                }
            } finally {
                finished.countDown();
            }
            return 0;
        }
    }

    /** The incarnation of the node's last life, 0 when it had none, by the directory of an agent that does not run now. */
    public static long lastIncarnation(Path data) throws IOException {
        try (AgentStore store = AgentStore.open(data)) {
            return store.load().map(StoredAgent::getIncarnation).orElse(0L);
        }
    }

    private static void endAndWait(CountDownLatch ended, CountDownLatch finished) {
        ended.countDown();
        try {
            boolean unused = finished.await(2 * GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record RealMachine(AgentConfig config, MachineIdentity identity) implements Agent.Machine {
        @Override
        public AgentParts parts(String agentId) throws IOException {
            return AgentMain.parts(config, agentId);
        }

        @Override
        public Function<String, RegisterAgentRequest.Builder> registration() throws IOException, InterruptedException {
            return AgentMain.registration(config, identity);
        }
    }

    private static Agent.Surroundings surroundings(NodeLink link) throws IOException {
        AgentThreads threads = new PoolThreads(
                pool(MEMBER_WORKERS, "member"),
                pool(Settings.MOST_STARTS_PER_NODE, "start"),
                pool(ORDER_WORKERS, "order"));
        return new Agent.Surroundings(
                link,
                new BootClock(),
                threads,
                new SecureRandom(),
                () -> Runtime.getRuntime().halt(DEFECT_EXIT_CODE));
    }

    private static AgentParts parts(AgentConfig config, String agentId) throws IOException {
        CleanEnvironment environment = environment(config);
        ProcessRunner runner = new SystemProcessRunner(environment, Clock.system());
        MarkerCells markers = new MarkerCells(agentId);
        Optional<Cells> cgroups = config.cgroups()
                ? CgroupCells.detect(CGROUPS, agentId, markers).map(Cells.class::cast)
                : Optional.empty();
        Cells cells = cgroups.orElse(markers);
        OperationFiles files = new OperationFiles(config.data().resolve("run"));
        Path scratch = Files.createDirectories(config.data().resolve("scratch"));
        CopyFiles copies = new CopyFiles(config.data().resolve("copies"));
        PacemakerTools tools =
                PacemakerTools.install(config.data().resolve("tools"), config.node(), environment.path(), copies);
        ProcessExecutor processes = new ProcessExecutor(runner, cells, files, Clock.system());
        MemberOperations operations = new MemberOperations(
                runner,
                cells,
                new OcfExecutor(runner, cells, files, config.ocfRoot(), ocfState(config), tools),
                processes,
                new SystemdExecutor(runner, files, SYSTEMCTL, CGROUPS, Clock.system()));
        FenceRunner fence = new FenceRunner(runner, config.fenceAgents(), scratch, Clock.system());
        return new AgentParts(operations, processes, files, fence, copies, cells.description());
    }

    /** Services may want to know where they run. */
    private static CleanEnvironment environment(AgentConfig config) {
        Map<String, String> always = new TreeMap<>(config.environment());
        always.put("QUORATE_NODE", config.node());
        return CleanEnvironment.of(config.path(), always);
    }

    /** State of OCF agents must be gone after a reboot; without the right to use /run it is in the data directory. */
    private static Path ocfState(AgentConfig config) throws IOException {
        if (config.machineId().isEmpty() && Files.isWritable(Path.of("/run"))) {
            return Files.createDirectories(OCF_STATE);
        }
        return Files.createDirectories(config.data().resolve("ocf-state"));
    }

    private static MachineIdentity identity(AgentConfig config) throws IOException {
        return config.machineId().isPresent()
                ? MachineIdentities.configured(config.machineId().get(), config.bootId())
                : MachineIdentities.read(Path.of("/"));
    }

    private static Function<String, RegisterAgentRequest.Builder> registration(
            AgentConfig config, MachineIdentity machine) throws IOException, InterruptedException {
        Path scratch = config.data().resolve("scratch");
        List<String> autostart = AutostartUnits.list(new SystemProcessRunner(Clock.system()), scratch);
        List<String> addresses = config.addresses().isEmpty() ? ownAddresses() : config.addresses();
        AgentTypes types = InstalledTypes.list(config.ocfRoot(), config.fenceAgents());
        ByteString process = ByteString.copyFromUtf8(UUID.randomUUID().toString());
        return cluster -> RegisterAgentRequest.newBuilder()
                .setProcessId(process)
                .setClusterId(cluster)
                .setNode(config.node())
                .setMachine(machine)
                .setLevelMin(LEVEL)
                .setLevelMax(LEVEL)
                .setVersion(BuildVersion.current())
                .addAllAddresses(addresses)
                .addAllAutostartUnits(autostart)
                .setAgentTypes(types);
    }

    private static List<String> ownAddresses() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .map(InetAddress::getHostAddress)
                .sorted()
                .toList();
    }

    private static void requireLoopback(List<String> servers) throws IOException {
        for (String server : servers) {
            String host = server.substring(0, server.lastIndexOf(':'));
            if (!InetAddress.getByName(host).isLoopbackAddress()) {
                throw new ConfigException("pki: needed, because " + server + " is not on loopback");
            }
        }
    }

    private static ExecutorService pool(int threads, String name) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "agent-" + name);
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
