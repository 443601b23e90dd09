package io.quorate.statemachine.apply;

import io.quorate.log.v1.CancelOperation;
import io.quorate.log.v1.ClearFailures;
import io.quorate.log.v1.ClearOverride;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.FinishOperation;
import io.quorate.log.v1.ForgetFailures;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.RestartUnit;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetOverride;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.DrainOverride;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationState;
import io.quorate.v1.Override;
import io.quorate.v1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What verbs say about units and nodes, beside their specs; and the operations that come of it. */
final class UnitRules {
    private UnitRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(
                        CommandKind.SET_OVERRIDE,
                        Command::getSetOverride,
                        List.of(
                                unitKnown(SetOverride::getUnit),
                                new Guard<>("InOnePlace", RejectCode.NOT_A_UNIT, UnitRules::pinsOnePlace),
                                operationLimit(),
                                new Guard<>("OverrideKind", RejectCode.INVALID_ARGUMENT, UnitRules::overrideKind),
                                new Guard<>("OverrideUntil", RejectCode.INVALID_ARGUMENT, UnitRules::noUntil),
                                new Guard<>("PinTarget", RejectCode.NOT_FOUND, UnitRules::pinTarget)),
                        UnitRules::setOverride),
                new Rule<>(
                        CommandKind.CLEAR_OVERRIDE,
                        Command::getClearOverride,
                        List.of(unitKnown(ClearOverride::getUnit), operationLimit()),
                        UnitRules::clearOverride),
                new Rule<>(
                        CommandKind.MOVE_UNIT,
                        Command::getMoveUnit,
                        List.of(
                                unitKnown(MoveUnit::getUnit),
                                new Guard<>("InOnePlace", RejectCode.NOT_A_UNIT, UnitRules::movesOnePlace),
                                operationLimit(),
                                new Guard<>("MoveTarget", RejectCode.NODE_NOT_UP, UnitRules::moveTarget)),
                        UnitRules::move),
                new Rule<>(
                        CommandKind.RESTART_UNIT,
                        Command::getRestartUnit,
                        List.of(
                                unitKnown(RestartUnit::getUnit),
                                operationLimit(),
                                new Guard<>("IsOwned", RejectCode.NOT_OWNER, UnitRules::isOwned),
                                new Guard<>("NotMigrating", RejectCode.MIGRATING, UnitRules::noneMigrates)),
                        UnitRules::restart),
                new Rule<>(
                        CommandKind.CLEAR_FAILURES,
                        Command::getClearFailures,
                        List.of(
                                new Guard<>("ObjectKnown", RejectCode.NOT_FOUND, UnitRules::mayHaveFailed),
                                NodeGuards.knownIfNamed(ClearFailures::getNode)),
                        UnitRules::clearFailures),
                new Rule<>(
                        CommandKind.FORGET_FAILURES,
                        Command::getForgetFailures,
                        List.of(OwnershipRules.instanceKnown(ForgetFailures::getInstance)),
                        UnitRules::forgetFailures),
                new Rule<>(
                        CommandKind.DRAIN_NODE,
                        Command::getDrainNode,
                        List.of(NodeGuards.known(DrainNode::getNode), operationLimit()),
                        UnitRules::drain),
                new Rule<>(
                        CommandKind.RESUME_NODE,
                        Command::getResumeNode,
                        List.of(NodeGuards.known(ResumeNode::getNode)),
                        UnitRules::resume),
                new Rule<>(
                        CommandKind.FINISH_OPERATION,
                        Command::getFinishOperation,
                        List.of(operationRunning(FinishOperation::getId)),
                        (draft, finish, result) -> finish(
                                draft,
                                finish.getId(),
                                finish.getFailed()
                                        ? OperationState.OPERATION_STATE_FAILED
                                        : OperationState.OPERATION_STATE_DONE,
                                finish.getDetail())),
                new Rule<>(
                        CommandKind.CANCEL_OPERATION,
                        Command::getCancelOperation,
                        List.of(operationRunning(CancelOperation::getId)),
                        (draft, cancel, result) -> cancel(draft, cancel.getId())));
    }

    static <P> Guard<P> unitKnown(Function<P, String> unit) {
        return new Guard<>("UnitKnown", RejectCode.NOT_FOUND, (situation, payload) -> {
            String key = unit.apply(payload);
            ObjectRow row = situation.state().object(key);
            if (row == null) {
                return Rejection.of(RejectCode.NOT_FOUND, key, "there is no " + key)
                        .withNextStep("quorate get resources");
            }
            return Units.isUnit(row)
                    ? null
                    : Rejection.of(
                            RejectCode.NOT_A_UNIT,
                            key,
                            row.getMemberOf().isEmpty()
                                    ? Keys.bare(key) + " is copied by the clone " + row.getCloneOf()
                                            + ": say it of the clone"
                                    : Keys.bare(key) + " is a member of the group " + row.getMemberOf()
                                            + ": say it of the group");
        });
    }

    private static <P> Guard<P> operationRunning(Function<P, String> id) {
        return new Guard<>("OperationRunning", RejectCode.ALREADY_FINISHED, (situation, payload) -> {
            OperationRow row = situation.state().operations().get(id.apply(payload));
            if (row == null) {
                return Rejection.of(
                        RejectCode.NOT_FOUND,
                        Keys.OPERATIONS + id.apply(payload),
                        "there is no operation " + id.apply(payload));
            }
            return row.getState() == OperationState.OPERATION_STATE_RUNNING
                    ? null
                    : Rejection.of(
                            RejectCode.ALREADY_FINISHED, Keys.OPERATIONS + row.getId(), row.getId() + " is finished");
        });
    }

    /** For each command that starts an operation. */
    static <P> Guard<P> operationLimit() {
        return operationLimit(payload -> true);
    }

    /** For a command that starts an operation only in some cases. */
    static <P> Guard<P> operationLimit(Predicate<P> starts) {
        return new Guard<>("OperationLimit", RejectCode.LIMIT_REACHED, (situation, payload) -> {
            long running = runningOperations(situation.state());
            return running < Limits.RUNNING_OPERATIONS || !starts.test(payload)
                    ? null
                    : Rejection.of(
                                    RejectCode.LIMIT_REACHED,
                                    "",
                                    running + " operations are running: wait for some of them, or cancel them")
                            .withNextStep("quorate operation list");
        });
    }

    static long runningOperations(ClusterState state) {
        return state.operations().values().stream()
                .filter(row -> row.getState() == OperationState.OPERATION_STATE_RUNNING)
                .count();
    }

    private static @Nullable Rejection overrideKind(Situation situation, SetOverride set) {
        return set.getOverride().getKindCase() != Override.KindCase.KIND_NOT_SET
                ? null
                : Rejection.of(RejectCode.INVALID_ARGUMENT, set.getUnit(), "an override of no kind");
    }

    /** Nothing ends an override at a time yet: it would stand for longer than its author was told. */
    private static @Nullable Rejection noUntil(Situation situation, SetOverride set) {
        return !set.getOverride().hasUntil()
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        set.getUnit(),
                        "'until' is not supported by this version: an override stands until it is cleared");
    }

    private static @Nullable Rejection pinTarget(Situation situation, SetOverride set) {
        String node = set.getOverride().getPin().getNode();
        boolean pin = set.getOverride().getKindCase() == Override.KindCase.PIN;
        return !pin || situation.state().node(node) != null
                ? null
                : Rejection.of(RejectCode.NOT_FOUND, Keys.node(node), "no node is named " + node)
                        .withNextStep("quorate node list");
    }

    private static void setOverride(Draft draft, SetOverride set, CommandResult.Builder result) {
        ObjectRow unit = Objects.requireNonNull(draft.state().object(set.getUnit()));
        List<Override> overrides = new ArrayList<>(unit.getOverridesList());
        overrides.removeIf(old -> old.getKindCase() == set.getOverride().getKindCase());
        overrides.add(set.getOverride().toBuilder()
                .setBy(draft.actor().getName())
                .setReason(draft.command().getReason())
                .setSince(Times.timestamp(draft.now()))
                .build());
        draft.put(unit.toBuilder().clearOverrides().addAllOverrides(overrides));
        String kind = kind(set.getOverride());
        draft.event(Events.of("OVERRIDE_SET", set.getUnit())
                .setText(Keys.bare(set.getUnit()) + " " + words(kind) + " by "
                        + draft.actor().getName() + because(draft)));
        result.setObject(Keys.OPERATIONS
                + draft.startOperation(kind, set.getOverride().getPin().getNode(), set.getUnit()));
        trimOperations(draft);
    }

    private static String kind(Override override) {
        return override.getKindCase().name().toLowerCase(Locale.ROOT);
    }

    private static String words(String kind) {
        return kind.equals("maintenance") ? "in maintenance" : kind;
    }

    static String because(Draft draft) {
        return draft.command().getReason().isEmpty()
                ? ""
                : ": " + draft.command().getReason();
    }

    private static void clearOverride(Draft draft, ClearOverride clear, CommandResult.Builder result) {
        ObjectRow unit = Objects.requireNonNull(draft.state().object(clear.getUnit()));
        List<Override> overrides = new ArrayList<>(unit.getOverridesList());
        boolean removed = overrides.removeIf(old -> kind(old).equals(clear.getKind()));
        if (!removed) {
            return;
        }
        draft.put(unit.toBuilder().clearOverrides().addAllOverrides(overrides));
        if (clear.getKind().equals("maintenance")) {
            // anything may have been started by hand meanwhile
            Units.instances(draft.state(), unit).forEach(instance -> Sightings.probeAnew(draft, instance));
        }
        draft.event(Events.of("OVERRIDE_CLEARED", clear.getUnit())
                .setText(Keys.bare(clear.getUnit()) + " no longer " + words(clear.getKind()) + because(draft)));
        result.setObject(Keys.OPERATIONS + draft.startOperation("un" + clear.getKind(), "", clear.getUnit()));
        trimOperations(draft);
    }

    private static @Nullable Rejection moveTarget(Situation situation, MoveUnit move) {
        Rejection down = move.getToNode().isEmpty() ? null : nodeUp(situation.state(), move.getToNode());
        return down == null && move.getPromoted() ? CloneGuards.promotedTarget(situation.state(), move) : down;
    }

    static @Nullable Rejection nodeUp(ClusterState state, String name) {
        NodeRow node = state.node(name);
        return node != null && node.getPhase() == NodePhase.NODE_PHASE_UP
                ? null
                : Rejection.of(
                                node == null ? RejectCode.NOT_FOUND : RejectCode.NODE_NOT_UP,
                                Keys.node(name),
                                node == null
                                        ? "no node is named " + name
                                        : name + " is " + Phases.words(node.getPhase()))
                        .withNextStep("quorate node list");
    }

    private static void move(Draft draft, MoveUnit move, CommandResult.Builder result) {
        String kind = move.getPromoted() ? "switchover" : "move";
        String what = (move.getPromoted() ? "the promoted role of " : "") + Keys.bare(move.getUnit());
        result.setObject(Keys.OPERATIONS + draft.startOperation(kind, move.getToNode(), move.getUnit()));
        trimOperations(draft);
        draft.event(Events.of("MOVE_ASKED", move.getUnit())
                .setToNode(move.getToNode())
                .setText("move of " + what + (move.getToNode().isEmpty() ? "" : " to " + move.getToNode())
                        + because(draft)));
    }

    private static @Nullable Rejection isOwned(Situation situation, RestartUnit restart) {
        return !restarted(situation.state(), restart).isEmpty()
                ? null
                : Rejection.of(
                                RejectCode.NOT_OWNER,
                                restart.getUnit(),
                                Keys.bare(restart.getUnit()) + " does not run: there is nothing to restart")
                        .withNextStep("quorate explain " + Keys.bare(restart.getUnit()));
    }

    /** What a restart of the unit restarts: the instances that a node owns and does not stop already; promotions end by it. */
    private static List<InstanceRow> restarted(ClusterState state, RestartUnit restart) {
        ObjectRow unit = state.object(restart.getUnit());
        return unit == null
                ? List.of()
                : Units.instances(state, unit).stream()
                        .filter(instance -> instance.hasOwnership()
                                && !instance.getOwnership().getReleasing()
                                && !Clones.isPromotion(instance))
                        .toList();
    }

    private static @Nullable Rejection noneMigrates(Situation situation, RestartUnit restart) {
        for (InstanceRow instance : restarted(situation.state(), restart)) {
            Rejection rejection = MigrationRules.migrating(instance);
            if (rejection != null) {
                return rejection;
            }
        }
        return null;
    }

    private static void restart(Draft draft, RestartUnit restart, CommandResult.Builder result) {
        List<InstanceRow> instances = restarted(draft.state(), restart);
        Reason reason = RestartsInTurn.asked("by " + draft.actor().getName() + because(draft));
        for (InstanceRow instance : instances) {
            if (Clones.isCopy(instance)) {
                RestartsInTurn.ask(draft, instance, reason);
            } else {
                OwnershipRules.restart(draft, instance, "", reason);
            }
        }
        String node = instances.size() == 1 ? instances.get(0).getOwnership().getNode() : "";
        result.setObject(Keys.OPERATIONS + draft.startOperation("restart", node, restart.getUnit()));
        trimOperations(draft);
    }

    private static @Nullable Rejection pinsOnePlace(Situation situation, SetOverride set) {
        Override override = set.getOverride();
        boolean pin = override.getKindCase() == Override.KindCase.PIN;
        return pin
                ? CloneGuards.inOnePlace(
                        situation, set.getUnit(), override.getPin().getPromoted(), "pin")
                : null;
    }

    private static @Nullable Rejection movesOnePlace(Situation situation, MoveUnit move) {
        return CloneGuards.inOnePlace(situation, move.getUnit(), move.getPromoted(), "move");
    }

    private static @Nullable Rejection mayHaveFailed(Situation situation, ClearFailures clear) {
        String key = clear.getUnit();
        return key.isEmpty() || situation.state().object(key) != null
                ? null
                : Rejection.of(RejectCode.NOT_FOUND, key, "there is no " + key).withNextStep("quorate get resources");
    }

    private static void clearFailures(Draft draft, ClearFailures clear, CommandResult.Builder result) {
        for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
            List<FailureRow> left = new ArrayList<>();
            for (FailureRow failure : instance.getFailuresList()) {
                boolean unit = clear.getUnit().isEmpty()
                        || unitOf(draft.state(), clear.getUnit()).equals(instance.getUnit())
                        || Keys.bare(clear.getUnit()).equals(failure.getMember());
                boolean node = clear.getNode().isEmpty() || clear.getNode().equals(failure.getNode());
                if (unit && node) {
                    result.setCount(result.getCount() + failure.getCount());
                }
                addUnless(left, failure, unit && node);
            }
            replaceFailures(draft, instance, left);
        }
    }

    /** The unit of a key, or the clone that copies the whole of it; a member's failures are not all of its unit's. */
    private static String unitOf(ClusterState state, String key) {
        ObjectRow row = state.object(key);
        return row == null || row.getCloneOf().isEmpty() ? key : Keys.clone(row.getCloneOf());
    }

    private static void forgetFailures(Draft draft, ForgetFailures forget, CommandResult.Builder result) {
        InstanceRow instance = Objects.requireNonNull(draft.state().instance(forget.getInstance()));
        InstanceRow arrival = Migrations.arrivalOf(draft.state(), instance);
        if (arrival != null) { // it has those of its own node until it is over
            forgetFailures(draft, arrival, forget);
        }
        forgetFailures(draft, instance, forget);
    }

    private static void forgetFailures(Draft draft, InstanceRow instance, ForgetFailures forget) {
        List<FailureRow> left = new ArrayList<>();
        for (FailureRow failure : instance.getFailuresList()) {
            addUnless(
                    left,
                    failure,
                    failure.getNode().equals(forget.getNode())
                            && failure.getMember().equals(forget.getMember()));
        }
        replaceFailures(draft, instance, left);
    }

    /** A cleared row keeps the agent's own count, or the next report would count the old failures again. */
    private static void addUnless(List<FailureRow> left, FailureRow failure, boolean cleared) {
        left.add(cleared ? failure.toBuilder().setCount(0).clearLast().build() : failure);
    }

    private static void replaceFailures(Draft draft, InstanceRow instance, List<FailureRow> left) {
        if (!left.equals(instance.getFailuresList())) {
            draft.put(instance.toBuilder().clearFailures().addAllFailures(left));
        }
    }

    private static void drain(Draft draft, DrainNode drain, CommandResult.Builder result) {
        NodeRow node = Objects.requireNonNull(draft.state().node(drain.getNode()));
        draft.put(node.toBuilder()
                .setDrain(DrainOverride.newBuilder()
                        .setBy(draft.actor().getName())
                        .setReason(draft.command().getReason())
                        .setSince(Times.timestamp(draft.now()))));
        draft.event(Events.of("NODE_DRAIN", Keys.node(drain.getNode()))
                .setText("draining " + drain.getNode() + because(draft)));
        result.setObject(Keys.OPERATIONS + draft.startOperation("drain", drain.getNode(), Keys.node(drain.getNode())));
        trimOperations(draft);
    }

    private static void resume(Draft draft, ResumeNode resume, CommandResult.Builder result) {
        NodeRow node = Objects.requireNonNull(draft.state().node(resume.getNode()));
        if (node.hasDrain()) {
            draft.put(node.toBuilder().clearDrain());
            draft.event(Events.of("NODE_RESUMED", Keys.node(resume.getNode()))
                    .setText(resume.getNode() + " may run resources again" + because(draft)));
        }
    }

    private static void cancel(Draft draft, String id) {
        String left = RestartsInTurn.takeBack(
                draft, Objects.requireNonNull(draft.state().operations().get(id)));
        finish(
                draft,
                id,
                OperationState.OPERATION_STATE_CANCELLED,
                "cancelled by " + draft.actor().getName() + left);
    }

    private static void finish(Draft draft, String id, OperationState state, String detail) {
        OperationRow row = Objects.requireNonNull(draft.state().operations().get(id));
        draft.put(row.toBuilder().setState(state).setDetail(detail).setFinished(draft.now()));
    }

    static void trimOperations(Draft draft) {
        ClusterState state = draft.state();
        if (state.operations().size() <= Limits.FINISHED_OPERATIONS) {
            return;
        }
        List<OperationRow> finished = new ArrayList<>();
        for (OperationRow row : state.operations().values()) {
            if (row.getState() != OperationState.OPERATION_STATE_RUNNING) {
                finished.add(row);
            }
        }
        finished.sort((one, other) -> Long.compare(one.getStartedRevision(), other.getStartedRevision()));
        for (int i = 0; i < finished.size() - Limits.FINISHED_OPERATIONS; i++) {
            draft.deleteOperation(finished.get(i).getId());
        }
    }

    /** The second phase of a deletion, once nothing owns the unit any more. */
    static void removeDeleted(Draft draft, ObjectRow unit) {
        if (remove(draft, unit)) {
            ConfigurationRules.refreshUnits(draft);
        }
    }

    /** The second phase of all deletions that nothing stands against. */
    static void removeAllDeleted(Draft draft) {
        boolean removed = false;
        for (ObjectRow row : List.copyOf(draft.state().objects().values())) {
            if (row.getDeleting() && Units.isUnit(row)) {
                removed |= remove(draft, row);
            }
        }
        if (removed) {
            ConfigurationRules.refreshUnits(draft);
        }
    }

    /** What is inside the unit goes with it if it is marked; the rest becomes units of its own. */
    private static boolean remove(Draft draft, ObjectRow unit) {
        List<InstanceRow> instances = Units.instances(draft.state(), unit);
        if (instances.stream().anyMatch(InstanceRow::hasOwnership)) {
            return false;
        }
        List<ObjectRow> inside = new ArrayList<>(Units.members(draft.state(), unit));
        ObjectRow copied = unit.hasClone() ? Clones.copied(draft.state(), unit) : null;
        if (copied != null && copied.hasGroup()) {
            inside.add(copied);
        }
        instances.forEach(instance -> draft.deleteInstance(instance.getId()));
        for (ObjectRow row : inside) {
            if (!row.getKey().equals(unit.getKey()) && row.getDeleting()) {
                draft.deleteObject(row.getKey());
            }
        }
        if (unit.hasClone()) {
            ScoreRules.forgetClone(draft, unit);
        }
        draft.deleteObject(unit.getKey());
        draft.event(Events.of("OBJECT_DELETED", unit.getKey()).setText(unit.getKey() + " deleted"));
        return true;
    }
}
