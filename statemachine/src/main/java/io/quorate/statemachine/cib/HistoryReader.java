package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.OnFail;
import io.quorate.statemachine.placement.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Replays what a node did with one resource: what it is there now, and which failure still matters. */
final class HistoryReader {
    private final Cib cib;
    private final Live live;
    private final FailCounts failCounts;
    private @Nullable Operation lastFailure;

    HistoryReader(Cib cib, Live live, FailCounts failCounts) {
        this.cib = cib;
        this.live = live;
        this.failCounts = failCounts;
    }

    /** What the last successful live migration away from here needs: the answer comes from the other nodes. */
    interface Migrations {
        void movedAway(Operation operation);

        void failedToMoveAway(Operation operation);

        void failedToArrive(Operation operation);
    }

    void replay(List<Operation> operations, Migrations migrations) {
        for (Operation operation : operations) {
            if (operation.isPending()) {
                pending(operation);
            } else {
                ended(operation, migrations);
            }
        }
    }

    private void pending(Operation operation) {
        switch (operation.name()) {
            case "start" -> live.role = Role.STARTED;
            case "promote" -> live.role = Role.PROMOTED;
            default -> {
                // What it was before is what it is.
            }
        }
        if (!operation.isProbe()) {
            live.pending = operation.name();
        }
    }

    private void ended(Operation operation, Migrations migrations) {
        if (!operation.isExpected() && isForgotten(operation)) {
            return;
        }
        int code = operation.effectiveExitCode();
        boolean failed = isFailure(operation, code);
        if (operation.isExpected() || !failed) {
            succeeded(operation, code, migrations);
        } else if (endsWithContainer(operation)) {
            succeeded(operation, operation.expected(), migrations);
            live.onFail = live.onFail.compareTo(OnFail.RESTART) <= 0 ? OnFail.RESTART_CONTAINER : live.onFail;
        } else if (onFail(operation) == OnFail.IGNORE && operation.status() != Operation.AGENT_NOT_INSTALLED) {
            live.failureIgnored = true;
            succeeded(operation, operation.expected(), migrations);
        } else {
            failed(operation, code, migrations);
        }
    }

    /** What cannot be stopped in a container ends with the container. */
    private boolean endsWithContainer(Operation operation) {
        return operation.is("stop") && onFail(operation) == OnFail.RESTART_CONTAINER;
    }

    /** A probe that finds what nobody expected is no failure. */
    private boolean isFailure(Operation operation, int code) {
        if (operation.isExpected()
                && (operation.status() == Operation.DONE || operation.status() == Operation.TIMED_OUT)) {
            return false;
        }
        return switch (code) {
            case Operation.OK -> !operation.isProbe();
            case Operation.NOT_RUNNING -> !operation.isProbe() && live.item.isManaged();
            case Operation.RUNNING_PROMOTED -> !operation.isProbe();
            default -> true;
        };
    }

    private void succeeded(Operation operation, int code, Migrations migrations) {
        boolean clears = false;
        if (code == Operation.NOT_RUNNING) {
            live.role = Role.STOPPED;
            clears = true;
        } else if (code == Operation.RUNNING_PROMOTED && operation.is("monitor")) {
            live.role = Role.PROMOTED;
            clears = sameMonitorAsLastFailure(operation);
        } else {
            switch (operation.name()) {
                case "monitor" -> {
                    clears = sameMonitorAsLastFailure(operation);
                    activate();
                }
                case "start", "migrate_from" -> {
                    live.role = live.active();
                    clears = true;
                }
                case "stop" -> {
                    live.role = Role.STOPPED;
                    clears = true;
                }
                case "promote" -> {
                    live.role = Role.PROMOTED;
                    clears = true;
                }
                case "demote" -> {
                    live.role = Role.UNPROMOTED;
                    clears = live.onFail == OnFail.DEMOTE;
                }
                case "migrate_to" -> migrations.movedAway(operation);
                default -> activate();
            }
        }
        live.pending = "";
        if (clears) {
            switch (live.onFail) {
                case IGNORE, DEMOTE, RESTART, RESTART_CONTAINER, BLOCK, RESET_REMOTE -> live.onFail = OnFail.IGNORE;
                case BAN, STOP, STANDBY, FENCE -> {
                    // Only a person, or time, undoes these.
                }
            }
        }
    }

    private boolean sameMonitorAsLastFailure(Operation operation) {
        return lastFailure != null
                && lastFailure.is(operation.name())
                && lastFailure.intervalMillis() == operation.intervalMillis();
    }

    private void activate() {
        if (!live.isActive() || live.role == Role.STARTED) {
            live.role = live.active();
        }
    }

    private void failed(Operation operation, int code, Migrations migrations) {
        lastFailure = operation;
        live.pending = "";
        switch (code) {
            case Operation.INVALID_PARAMETER, Operation.NO_PERMISSION, Operation.NOT_INSTALLED -> live.banned = true;
            case Operation.UNIMPLEMENTED -> live.banned |= operation.intervalMillis() == 0;
            case Operation.NOT_CONFIGURED -> live.stopped = true;
            default -> {
                // It may be better next time.
            }
        }
        live.banned |=
                operation.status() == Operation.HARD_ERROR || operation.status() == Operation.AGENT_NOT_INSTALLED;
        OnFail onFail = onFail(operation) == OnFail.IGNORE ? OnFail.BAN : onFail(operation);
        if (onFail.compareTo(live.onFail) > 0) {
            live.onFail = onFail;
        }
        if (operation.isProbe() && code == Operation.NOT_INSTALLED) {
            live.role = Role.STOPPED;
            return;
        }
        switch (operation.name()) {
            case "migrate_to" -> migrations.failedToMoveAway(operation);
            case "migrate_from" -> migrations.failedToArrive(operation);
            case "promote" -> live.role = Role.PROMOTED;
            case "demote" -> {
                boolean blocked = onFail == OnFail.BLOCK;
                live.role = blocked ? Role.PROMOTED : code == Operation.NOT_RUNNING ? Role.STOPPED : Role.UNPROMOTED;
            }
            case "monitor" -> {
                if (code == Operation.NOT_RUNNING) {
                    live.role = Role.STOPPED;
                } else if (code == Operation.RUNNING_PROMOTED || code == Operation.FAILED_PROMOTED) {
                    live.role = Role.PROMOTED;
                }
            }
            default -> {
                // It is still what it was.
            }
        }
        if (!live.isActive()) {
            live.role = live.active();
        }
    }

    /** What was configured for this operation; without it, what Pacemaker does by itself. */
    private OnFail onFail(Operation operation) {
        String said = live.item.operations().stream()
                .filter(line ->
                        line.name().equals(operation.name()) && line.intervalMillis() == operation.intervalMillis())
                .findFirst()
                .map(line -> line.option("on-fail"))
                .orElseGet(() -> cib.reader()
                        .defaults(live.item, operation.name(), operation.intervalMillis())
                        .getOrDefault("on-fail", ""));
        boolean stop = operation.is("stop");
        Optional<OnFail> configured = switch (said.toLowerCase(Locale.ROOT)) {
            case "ignore", "nothing" -> Optional.of(OnFail.IGNORE);
            case "block" -> Optional.of(OnFail.BLOCK);
            case "fence" -> cib.fencing() ? Optional.of(OnFail.FENCE) : Optional.empty();
            case "standby" -> Optional.of(OnFail.STANDBY);
            case "stop" -> Optional.of(OnFail.STOP);
            case "restart" -> stop ? Optional.empty() : Optional.of(OnFail.RESTART);
            case "restart-container" -> Optional.of(OnFail.RESTART_CONTAINER);
            case "demote" -> Optional.of(OnFail.DEMOTE);
            case "migrate" -> Optional.of(OnFail.BAN);
            default -> Optional.empty();
        };
        if (configured.isPresent()) {
            return configured.get();
        }
        if (live.item.has("container")) {
            return OnFail.RESTART_CONTAINER;
        }
        if (live.item.isRemoteConnection() && !operation.is("start") && !operation.isProbe()) {
            return live.item.isManaged() ? OnFail.RESET_REMOTE : OnFail.STOP;
        }
        if (stop) {
            return cib.fencing() ? OnFail.FENCE : OnFail.BLOCK;
        }
        return OnFail.RESTART;
    }

    private boolean wasFenced(Item connection) {
        return cib.status().children("node_state").stream()
                .filter(state -> state.id().equals(connection.id()))
                .anyMatch(state -> Values.leadingNumber(state.get("node_fenced")) > 0);
    }

    /** Whether the failure is older than the resource remembers, and nothing newer keeps it. */
    private boolean isForgotten(Operation operation) {
        long timeout = Values.millis(live.item.meta("failure-timeout")).orElse(0);
        if (timeout <= 0 || operation.changed().isEmpty() || failCounts.blocks(live.item)) {
            return false;
        }
        if (live.item.has(Item.RECONNECT) && cib.fencing() && operation.intervalMillis() > 0 && !wasFenced(live.item)) {
            // A monitor that goes on failing says so once: only fencing ends it.
            return false;
        }
        Instant until = operation.changed().get().plus(Duration.ofMillis(timeout));
        if (cib.now().isBefore(until)) {
            return false;
        }
        if (operation.isProbe()) {
            int code = operation.effectiveExitCode();
            if (code == Operation.OK || code == Operation.NOT_RUNNING || code == Operation.RUNNING_PROMOTED) {
                return false;
            }
        }
        return failCounts.of(live.item, live.node) == 0;
    }
}
