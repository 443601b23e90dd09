package io.quorate.client.cli.verb;

import io.quorate.client.Category;
import io.quorate.client.ObjectNames;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ClientVerb;
import io.quorate.client.cli.ExitCodes;
import io.quorate.client.cli.Progress;
import io.quorate.client.cli.StateWait;
import io.quorate.client.cli.UsageException;
import io.quorate.client.cli.text.Tables;
import io.quorate.client.cli.text.Unit;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetSettingsRequest;
import io.quorate.v1.Node;
import io.quorate.v1.OperationState;
import io.quorate.v1.StateChange;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Waits for a state of a service, of a node or of the cluster. */
@Command(
        name = "wait",
        description = "Waits until something is so; exit code 7 when it is not so in time.",
        footer = {"", "  quorate wait web --for running --timeout 60s", "  quorate wait node/n2:drained"})
public final class WaitVerb extends ClientVerb {
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(10);
    private static final List<String> UNIT_KINDS = List.of("clones", "groups", "resources");

    /** What to wait for with a service. */
    public enum Goal {
        RUNNING,
        STOPPED,
        MOVED,
        HEALTHY
    }

    @Parameters(
            index = "0",
            paramLabel = "TARGET",
            description = "a service, quorum, idle, node/NAME:up or node/NAME:drained")
    private String target = "";

    @Option(
            names = "--for",
            paramLabel = "STATE",
            description = {
                "running, stopped, moved or healthy (of a service)",
                "healthy: all of it runs, and no monitor calls any of it degraded"
            })
    private @Nullable Goal goal;

    public WaitVerb(CliContext cli) {
        super(cli);
    }

    @Override
    protected int run(QuorateClient client) throws InterruptedException {
        Duration limit = options().timeout().orElse(DEFAULT_LIMIT);
        boolean service = !target.equals("quorum") && !target.equals("idle") && target.indexOf(':') < 0;
        if (service == (goal == null)) {
            throw new UsageException(
                    service
                            ? "say what to wait for: --for running, stopped, moved or healthy"
                            : "--for goes with a service only");
        }
        try (Progress progress = Progress.start(cli(), options())) {
            if (target.equals("quorum")) {
                awaitQuorum(client, limit);
            } else if (target.equals("idle")) {
                awaitIdle(client, limit, progress);
            } else if (goal == null) {
                awaitNode(client, limit, progress);
            } else {
                awaitUnit(client, limit, progress, goal);
            }
        }
        return ExitCodes.OK;
    }

    private void awaitQuorum(QuorateClient client, Duration limit) {
        try {
            client.read(ClusterServiceGrpc.getGetSettingsMethod(), GetSettingsRequest.getDefaultInstance(), limit);
        } catch (QuorateException e) {
            if (e.category() == Category.UNAVAILABLE) {
                throw QuorateException.of(Category.TIMED_OUT, "TIMED_OUT", "no quorum in time: " + e.text())
                        .cause(e)
                        .build();
            }
            throw e;
        }
        say("quorum");
    }

    private void awaitIdle(QuorateClient client, Duration limit, Progress progress) throws InterruptedException {
        List<String> kinds = List.of("clones", "groups", "resources", "operations");
        StateWait.until(client, kinds, limit, "idle", objects -> {
            List<String> busy = objects.values().stream()
                    .filter(WaitVerb::inMotion)
                    .map(StateChange::getObject)
                    .sorted()
                    .toList();
            progress.now("busy: " + String.join(", ", busy));
            return busy.isEmpty();
        });
        say("idle");
    }

    private static boolean inMotion(StateChange row) {
        return switch (row.getNowCase()) {
            case CLONE -> Unit.of(row.getClone()).moving();
            case GROUP -> Unit.of(row.getGroup()).moving();
            case RESOURCE -> Unit.of(row.getResource()).moving();
            case OPERATION -> row.getOperation().getState() == OperationState.OPERATION_STATE_RUNNING;
            default -> false;
        };
    }

    private void awaitNode(QuorateClient client, Duration limit, Progress progress) throws InterruptedException {
        int colon = target.indexOf(':');
        String key = ObjectNames.object(target.substring(0, colon));
        String wanted = target.substring(colon + 1).toUpperCase(Locale.ROOT);
        if (!key.startsWith("nodes/") || !List.of("UP", "DRAINED").contains(wanted)) {
            throw new UsageException("\"" + target + "\" is no target (node/n2:drained and node/n2:up are)");
        }
        StateWait.until(client, List.of("nodes"), limit, target, objects -> {
            StateChange row = objects.get(key);
            if (row == null) {
                throw notFound(key, "quorate node list");
            }
            Node node = row.getNode();
            progress.now(node.getMeta().getName() + " " + Tables.nodeState(node) + ", owns "
                    + (node.getOwnedCount() == 0 ? "nothing" : String.join(", ", node.getOwnedList())));
            return Tables.nodeState(node).equals(wanted);
        });
        say(key.substring("nodes/".length()) + " " + wanted);
    }

    private void awaitUnit(QuorateClient client, Duration limit, Progress progress, Goal wanted)
            throws InterruptedException {
        Reached reached = new Reached(wanted);
        StateWait.until(client, UNIT_KINDS, limit, target + " " + wanted.name().toLowerCase(Locale.ROOT), objects -> {
            Optional<Unit> unit = find(objects);
            unit.ifPresent(found -> progress.now(
                    (found.name() + " " + found.stateWord() + " " + found.node() + " " + found.detail()).strip()));
            return reached.test(unit);
        });
        say(reached.text);
    }

    private Optional<Unit> find(Map<String, StateChange> objects) {
        String object = ObjectNames.object(target);
        List<String> keys = object.indexOf('/') < 0
                ? List.of("clones/" + object, "groups/" + object, "resources/" + object)
                : List.of(object);
        return keys.stream()
                .map(objects::get)
                .filter(Objects::nonNull)
                .findFirst()
                .map(WaitVerb::unit);
    }

    private static Unit unit(StateChange row) {
        return switch (row.getNowCase()) {
            case CLONE -> Unit.of(row.getClone());
            case GROUP -> Unit.of(row.getGroup());
            default -> Unit.of(row.getResource());
        };
    }

    private static QuorateException notFound(String object, String nextStep) {
        return QuorateException.of(Category.NOT_FOUND, "NOT_FOUND", object + " does not exist")
                .object(object)
                .nextStep(nextStep)
                .build();
    }

    /** Remembers where the service was when the waiting began. */
    private final class Reached {
        private final Goal wanted;
        private @Nullable String firstNode;
        private boolean existed;
        private String text = "";

        Reached(Goal wanted) {
            this.wanted = wanted;
        }

        boolean test(Optional<Unit> found) {
            if (found.isEmpty()) {
                if (existed && wanted == Goal.STOPPED) {
                    text = target + " is deleted";
                    return true;
                }
                throw notFound(target, "quorate get");
            }
            existed = true;
            Unit unit = found.get();
            if (firstNode == null) {
                firstNode = unit.node();
            }
            text = unit.name() + " " + unit.stateWord() + (unit.node().isEmpty() ? "" : " on " + unit.node());
            return switch (wanted) {
                case RUNNING -> unit.runs();
                case STOPPED -> unit.stopped();
                case MOVED -> unit.runs() && !unit.node().equals(firstNode);
                case HEALTHY -> unit.healthy();
            };
        }
    }
}
