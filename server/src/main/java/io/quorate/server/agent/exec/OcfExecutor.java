package io.quorate.server.agent.exec;

import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.v1.OcfKind;
import io.quorate.v1.Operation;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Runs OCF resource agents as they are packaged, with timeouts and intervals from their metadata unless the spec overrides. */
public final class OcfExecutor implements Executor {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

    /** What the others leave in their cell is the service. */
    private static final Set<String> LEAVES_NOTHING = Set.of("stop", "monitor", "validate-all", "migrate_to");

    private static final Set<Role> ANY_ROLE = Set.of(Role.ROLE_UNSPECIFIED, Role.ROLE_STARTED);

    private final ProcessRunner runner;
    private final Cells cells;
    private final OperationFiles files;
    private final Path ocfRoot;
    private final Path temporary;
    private final PacemakerTools tools;
    private final Map<Path, Cached> metadata = new ConcurrentHashMap<>();

    private record Cached(FileTime changed, long size, OcfMetadata metadata) {}

    /**
     * @param ocfRoot /usr/lib/ocf; agents are below its resource.d
     * @param temporary HA_RSCTMP: where agents keep state that a reboot must clear; /run/resource-agents for root
     */
    public OcfExecutor(
            ProcessRunner runner,
            Cells cells,
            OperationFiles files,
            Path ocfRoot,
            Path temporary,
            PacemakerTools tools) {
        this.runner = runner;
        this.cells = cells;
        this.files = files;
        this.ocfRoot = ocfRoot;
        this.temporary = temporary;
        this.tools = tools;
    }

    @Override
    public Outcome start(Task task) throws InterruptedException {
        return run("start", task, Duration.ZERO, cells.ofMember(task.home(), task.resource()));
    }

    @Override
    public Outcome stop(Task task) throws InterruptedException {
        return run("stop", task, Duration.ZERO, operationCell(task));
    }

    /** With the copy's own processes: it may start some, or all of them anew. */
    @Override
    public Outcome promote(Task task) throws InterruptedException {
        return run("promote", task, Duration.ZERO, cells.ofMember(task.home(), task.resource()));
    }

    @Override
    public Outcome demote(Task task) throws InterruptedException {
        return run("demote", task, Duration.ZERO, cells.ofMember(task.home(), task.resource()));
    }

    /** With the copy's own processes, too: a copy may be told to follow another one by starting anew. */
    @Override
    public Outcome tell(Task task) throws InterruptedException {
        return run("notify", task, Duration.ZERO, cells.ofMember(task.home(), task.resource()));
    }

    @Override
    public Outcome migrateTo(Task task) throws InterruptedException {
        Optional<Outcome> inability = unableToMigrate(task.spec().getOcf());
        if (inability.isPresent()) {
            return inability.get();
        }
        return run("migrate_to", task, Duration.ZERO, operationCell(task));
    }

    @Override
    public Outcome migrateFrom(Task task) throws InterruptedException {
        return run("migrate_from", task, Duration.ZERO, cells.ofMember(task.home(), task.resource()));
    }

    @Override
    public Outcome monitor(Task task) throws InterruptedException {
        Duration interval = monitorInterval(task.spec(), task.part().role());
        return run("monitor", task, interval, operationCell(task));
    }

    @Override
    public Outcome probe(Task task) throws InterruptedException {
        return run("monitor", task, Duration.ZERO, operationCell(task));
    }

    @Override
    public Outcome validate(Task task) throws InterruptedException {
        return run("validate-all", task, Duration.ZERO, operationCell(task));
    }

    @Override
    public Duration monitorInterval(ResourceSpec spec, Role role) {
        Optional<Duration> wanted = override(spec, "monitor", role)
                .filter(Operation::hasInterval)
                .map(operation -> Durations.of(operation.getInterval()));
        Duration interval = wanted.or(() -> advised(spec, "monitor", role).map(OcfMetadata.Action::interval))
                .filter(duration -> !duration.isZero())
                .orElse(DEFAULT_INTERVAL);
        return interval.compareTo(SHORTEST_INTERVAL) < 0 ? SHORTEST_INTERVAL : interval;
    }

    /**
     * What the agent says about itself, kept until its file changes.
     *
     * @throws RefusedException when it is missing, unsafe, or its metadata cannot be read
     */
    public OcfMetadata metadata(OcfKind kind) throws InterruptedException {
        Path agent = agent(kind);
        try {
            FileTime changed = Files.getLastModifiedTime(agent);
            long size = Files.size(agent);
            Cached known = metadata.get(agent);
            if (known != null && known.changed().equals(changed) && known.size() == size) {
                return known.metadata();
            }
            OcfMetadata read = OcfMetadataReader.read(readMetadata(kind, agent));
            metadata.put(agent, new Cached(changed, size, read));
            return read;
        } catch (IOException e) {
            throw new RefusedException(
                    "cannot read metadata of " + agent + ": " + e.getMessage(), ExitCodes.ERR_INSTALLED);
        }
    }

    private String readMetadata(OcfKind kind, Path agent) throws IOException, InterruptedException {
        Map<String, String> environment = new TreeMap<>(common(kind, "metadata"));
        Path output = Files.createTempFile("quorate-metadata", ".xml");
        try {
            Optional<Cell> noCell = Optional.empty();
            ProcessResult result = runner.run(
                    ProcessSpec.of(
                            List.of(agent.toString(), "meta-data"), environment, METADATA_TIMEOUT, noCell, output),
                    started -> {});
            if (result.timedOut() || result.exitCode() != ExitCodes.OK) {
                throw new RefusedException(
                        agent + " meta-data: " + ExitCodes.name(result.exitCode()), ExitCodes.ERR_INSTALLED);
            }
            int begin = result.output().indexOf("<?xml");
            return begin < 0 ? result.output() : result.output().substring(begin);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** What to say of an agent that tells in its metadata that it knows of no migration; one that tells nothing is asked. */
    private Optional<Outcome> unableToMigrate(OcfKind kind) throws InterruptedException {
        try {
            OcfMetadata known = metadata(kind);
            if (known.has("migrate_to") && known.has("migrate_from")) {
                return Optional.empty();
            }
            return Optional.of(Outcome.refused(
                    "migrate_to",
                    new RefusedException(
                            "ocf:" + kind.getProvider() + ":" + kind.getType()
                                    + " has no actions migrate_to and migrate_from: its resource cannot have liveMigration",
                            ExitCodes.ERR_UNIMPLEMENTED)));
        } catch (RefusedException unreadable) {
            return Optional.empty();
        }
    }

    private Outcome run(String action, Task task, Duration interval, Cell cell) throws InterruptedException {
        OcfKind kind = task.spec().getOcf();
        boolean leavesNothing = LEAVES_NOTHING.contains(action);
        try {
            Path agent = agent(kind);
            Duration timeout = timeout(task.spec(), action, task.part().role());
            ProcessSpec spec = ProcessSpec.of(
                    List.of(agent.toString(), action),
                    environment(task, action, interval, timeout),
                    timeout,
                    Optional.of(cell),
                    files.output(task.instance(), task.resource(), action));
            ProcessResult result = runner.run(spec, task.started());
            return Outcome.of(action, finding(action, result), result);
        } catch (RefusedException refusal) {
            return Outcome.refused(action, refusal);
        } catch (IOException e) {
            return Outcome.refused(
                    action,
                    new RefusedException("cannot run " + action + ": " + e.getMessage(), ExitCodes.ERR_GENERIC));
        } finally {
            if (leavesNothing) {
                cell.killAll(Duration.ofSeconds(5));
            }
        }
    }

    private static Finding finding(String action, ProcessResult result) {
        if (result.timedOut()) {
            return Finding.FAILED;
        }
        int code = result.exitCode();
        return switch (action) {
            case "start", "promote", "migrate_to", "migrate_from" ->
                code == ExitCodes.OK ? Finding.RUNNING : Finding.FAILED;
            case "stop", "demote" -> code == ExitCodes.OK ? Finding.NOT_RUNNING : Finding.FAILED;
            // An agent without validate-all has nothing to object, one without notify nothing to hear.
            case "validate-all", "notify" ->
                code == ExitCodes.OK || code == ExitCodes.ERR_UNIMPLEMENTED ? Finding.NOT_RUNNING : Finding.FAILED;
            default ->
                switch (code) {
                    case ExitCodes.OK, ExitCodes.RUNNING_PROMOTED -> Finding.RUNNING;
                    case ExitCodes.DEGRADED, ExitCodes.DEGRADED_PROMOTED -> Finding.DEGRADED;
                    case ExitCodes.NOT_RUNNING -> Finding.NOT_RUNNING;
                    default -> Finding.FAILED;
                };
        };
    }

    private Map<String, String> environment(Task task, String action, Duration interval, Duration timeout) {
        OcfKind kind = task.spec().getOcf();
        Map<String, String> environment = new TreeMap<>(common(kind, CloneVariables.instanceName(task)));
        environment.putAll(tools.environment(task));
        kind.getParamsMap().forEach((name, value) -> environment.put(parameter(name), value));
        kind.getSecretParamsMap().forEach((name, secret) -> environment.put(parameter(name), Secrets.read(secret)));
        String prefix = "OCF_RESKEY_CRM_meta_";
        CloneVariables.of(task.part()).forEach((name, value) -> environment.put(prefix + name, value));
        task.notice().forEach((name, value) -> environment.put(prefix + name, value));
        environment.put(prefix + "name", action);
        environment.put(prefix + "on_node", tools.node());
        environment.put(prefix + "interval", Long.toString(interval.toMillis()));
        environment.put(prefix + "timeout", Long.toString(timeout.toMillis()));
        environment.put("OCF_CHECK_LEVEL", Integer.toString(depth(task, action)));
        environment.put("QUORATE_TOKEN", Long.toString(task.token()));
        environment.put("QUORATE_INSTANCE", task.instance());
        environment.put("QUORATE_TOKEN_FILE", files.token(task.instance()).toString());
        return environment;
    }

    private Map<String, String> common(OcfKind kind, String resource) {
        return Map.ofEntries(
                Map.entry("OCF_ROOT", ocfRoot.toString()),
                Map.entry("OCF_RA_VERSION_MAJOR", "1"),
                Map.entry("OCF_RA_VERSION_MINOR", "1"),
                Map.entry("OCF_RESOURCE_INSTANCE", resource),
                Map.entry("OCF_RESOURCE_TYPE", kind.getType()),
                Map.entry("OCF_RESOURCE_PROVIDER", kind.getProvider()),
                Map.entry("OCF_EXIT_REASON_PREFIX", "ocf-exit-reason:"),
                Map.entry("HA_RSCTMP", temporary.toString()),
                Map.entry("HA_LOGFACILITY", "none"),
                Map.entry("HA_debug", "0"));
    }

    private static String parameter(String name) {
        return "OCF_RESKEY_" + Texts.checkedParameter(name);
    }

    private Duration timeout(ResourceSpec spec, String action, Role role) {
        return override(spec, action, role)
                .filter(Operation::hasTimeout)
                .map(operation -> Durations.of(operation.getTimeout()))
                .or(() -> advised(spec, action, role).map(OcfMetadata.Action::timeout))
                .filter(duration -> !duration.isZero() && !duration.isNegative())
                .orElse(DEFAULT_TIMEOUT);
    }

    private static int depth(Task task, String action) {
        return override(task.spec(), action, task.part().role())
                .map(Operation::getDepth)
                .orElse(0);
    }

    /** Metadata that cannot be had leaves the defaults: the operation itself will say what is wrong. */
    private Optional<OcfMetadata.Action> advised(ResourceSpec spec, String action, Role role) {
        try {
            return metadata(spec.getOcf()).action(action, role);
        } catch (RefusedException refusal) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** The operation of the spec for that role; where it names none, the one for any role. */
    private static Optional<Operation> override(ResourceSpec spec, String action, Role role) {
        List<Operation> named = spec.getOperationsList().stream()
                .filter(operation -> operation.getName().equals(action))
                .toList();
        return named.stream()
                .filter(operation -> operation.getRole() == role)
                .findFirst()
                .or(() -> named.stream()
                        .filter(operation -> ANY_ROLE.contains(operation.getRole()))
                        .findFirst());
    }

    private Cell operationCell(Task task) {
        return cells.ofOperation(task.home(), task.resource());
    }

    private Path agent(OcfKind kind) {
        return PathSafety.program(ocfRoot.resolve("resource.d"), kind.getProvider(), kind.getType());
    }
}
