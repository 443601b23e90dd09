package io.quorate.statemachine.policy;

import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.Departure;
import io.quorate.log.v1.FailureRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.MetaRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.log.v1.PauseRow;
import io.quorate.log.v1.ProbeRow;
import io.quorate.log.v1.SettingsRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Slot;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.dates.DateWords;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.model.Tokens;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.Disabled;
import io.quorate.v1.DrainOverride;
import io.quorate.v1.Evidence;
import io.quorate.v1.FailurePolicy;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.FencingToken;
import io.quorate.v1.Follow;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.HealthStrategy;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Maintenance;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.NodeHealth;
import io.quorate.v1.NodeMaintenance;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OnFail;
import io.quorate.v1.Operation;
import io.quorate.v1.OperationResult;
import io.quorate.v1.OperationState;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Override;
import io.quorate.v1.Pin;
import io.quorate.v1.Placement;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.Promotable;
import io.quorate.v1.Reason;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.RunState;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import io.quorate.v1.SystemdKind;
import io.quorate.v1.TicketConstraintSpec;
import io.quorate.v1.TicketState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A state written down line by line; {@code README.md} beside the scenarios has the words. */
public final class ScenarioState {
    private final Map<String, NodeRow.Builder> nodes = new LinkedHashMap<>();
    private final Map<String, InstanceRow.Builder> instances = new LinkedHashMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final MetaRow.Builder meta =
            MetaRow.newBuilder().setClusterId("c").setGeneration(1).setFeatureLevel(1);
    private final SettingsSpec.Builder settings = SettingsSpec.newBuilder();
    private long nowLogMillis;
    private long wallMillis;
    private long revision = 100;

    public static ScenarioState parse(List<String> lines) {
        ScenarioState scenario = new ScenarioState();
        for (String line : lines) {
            scenario.add(List.of(line.trim().split(" +")));
        }
        return scenario;
    }

    long nowLogMillis() {
        return nowLogMillis;
    }

    public ClusterState build() {
        ClusterState state = reduce(ClusterState.empty(), Change.newBuilder().setMeta(meta));
        if (!settings.build().equals(SettingsSpec.getDefaultInstance())) {
            state = reduce(
                    state,
                    Change.newBuilder()
                            .setSettings(
                                    SettingsRow.newBuilder().setRevision(90).setSpec(settings)));
        }
        for (Change change : changes) {
            state = Reducer.reduce(state, change);
        }
        for (NodeRow.Builder node : nodes.values()) {
            state = reduce(state, Change.newBuilder().setNode(node));
        }
        for (InstanceRow.Builder instance : instances.values()) {
            state = reduce(state, Change.newBuilder().setInstance(instance));
        }
        return state.advanced(
                revision,
                stamp(nowLogMillis).toBuilder().setWallMillis(wallMillis).build());
    }

    private static ClusterState reduce(ClusterState state, Change.Builder change) {
        return Reducer.reduce(state, change.build());
    }

    private void add(List<String> words) {
        String subject = words.size() > 1 ? words.get(1) : "";
        Options options = new Options(words.subList(Math.min(2, words.size()), words.size()));
        switch (words.get(0)) {
            case "now" -> nowLogMillis = Long.parseLong(subject);
            case "wall" -> wallMillis = Instant.parse(subject).toEpochMilli();
            case "changed" -> meta.setChangedRevision(Long.parseLong(subject));
            case "paused" ->
                meta.setPause(PauseRow.newBuilder()
                        .setReason("test")
                        .setBy("ops")
                        .setQuarantine(words.contains("quarantine")));
            case "grace" -> meta.setGraceBeganLogMillis(1).setGraceUntilLogMillis(Long.parseLong(subject));
            case "voter" ->
                changes.add(Change.newBuilder()
                        .setVoter(VoterRow.newBuilder().setId(subject).setName(subject))
                        .build());
            case "node" -> addNode(subject, options);
            case "fence" -> addFenceDevice(subject, words.subList(2, words.size()));
            case "ticket" -> addTicket(subject, options);
            case "group" -> addGroup(subject, options);
            case "resource" -> addResource(subject, options);
            case "clone" -> addClone(subject, options);
            case "migrating" -> addMigration(subject, options);
            case "promoted" -> addPromotion(subject, options);
            case "score" -> addScore(subject, words.get(2), words.get(3));
            case "move" -> addMove(subject, options);
            case "restart" ->
                instance(subject)
                        .getRestartBuilder()
                        .setReason(Reason.newBuilder().setCode("RESTART_ASKED").setMessage("restart by ops"));
            case "colocation" -> addColocation(subject, options);
            case "order" -> addOrder(subject, options);
            case "location" -> addLocation(subject, options);
            case "needs" -> addTicketConstraint(subject, options);
            case "siteTicket" ->
                changes.add(Change.newBuilder()
                        .setSiteTicket(SiteTicketRow.newBuilder()
                                .setName(subject)
                                .setRevision(nextRevision())
                                .setSince(Stamp.newBuilder().setLogMillis(1))
                                .setLastGranted(Stamp.newBuilder().setLogMillis(1))
                                .setGranted(words.contains("granted"))
                                .setStandby(words.contains("standby")))
                        .build());
            case "strategy" ->
                settings.setPlacementStrategy(PlacementStrategy.valueOf("PLACEMENT_STRATEGY_" + subject));
            case "health" -> addHealth(subject, options);
            case "attribute" ->
                changes.add(Change.newBuilder()
                        .setAttribute(AttributeRow.newBuilder()
                                .setNode(subject)
                                .setName(words.get(2))
                                .setValue(words.get(3))
                                .setRevision(options.number("revision", 0)))
                        .build());
            case "own" -> addOwnership(subject, options);
            case "free" ->
                instance(subject)
                        .setLastNode(options.value("last", ""))
                        .setHighestToken(Tokens.of(1, 10))
                        .setFreedBy(Evidence.valueOf("EVIDENCE_" + options.value("by", "RELEASED")));
            case "probe" -> addProbes(subject, options);
            case "fail" -> addFailure(subject, options);
            case "member" -> addMember(subject, options);
            case "found" -> addFound(node(subject), words.get(2), options);
            default -> throw new IllegalArgumentException("unknown line: " + String.join(" ", words));
        }
    }

    private static void addFound(NodeRow.Builder node, String instance, Options options) {
        FoundRow.Builder found = node.addFoundBuilder()
                .setInstance(instance)
                .setRunning(!options.has("unsure"))
                .setToken(Tokens.ofNumber(options.number("token", 0)));
        if (options.has("stopFailed")) {
            found.setStopFailed(
                    OperationResult.newBuilder().setOperation("stop").setExitName("generic error"));
        }
    }

    private static MultipleActive several(Options options) {
        return MultipleActive.valueOf("MULTIPLE_ACTIVE_" + options.value("multiple", "UNSPECIFIED"));
    }

    private void addNode(String name, Options options) {
        NodeRow.Builder node = NodeRow.newBuilder()
                .setName(name)
                .setRevision(nextRevision())
                .setIncarnation(options.number("incarnation", 3))
                .setPhase(NodePhase.valueOf("NODE_PHASE_" + options.value("phase", "UP")))
                .setSilenceMillis(options.number("silence", 0))
                .setMustJoinClean(options.has("mustJoinClean"))
                .addAllAutostartUnits(options.list("autostart"));
        if (options.has("drain")) {
            node.setDrain(DrainOverride.newBuilder().setBy("ops").setReason("firmware"));
        }
        if (options.has("maintenance")) {
            node.setMaintenance(NodeMaintenance.newBuilder().setBy("ops").setReason("firmware"));
        }
        nodes.put(name, node);
        if (options.has("labels") || options.has("capacity")) {
            NodeSpec.Builder spec = NodeSpec.newBuilder();
            options.pairs("labels").forEach(spec::putLabels);
            options.pairs("capacity").forEach((what, amount) -> spec.putUtilization(what, Long.parseLong(amount)));
            object(Keys.nodeSpec(name), ObjectRow.newBuilder().setNode(spec));
        }
    }

    private void addHealth(String strategy, Options options) {
        NodeHealth.Builder health = settings.getNodeHealthBuilder()
                .setStrategy(HealthStrategy.valueOf("HEALTH_STRATEGY_" + strategy))
                .setYellow((int) options.number("yellow", 0))
                .setGreen((int) options.number("green", 0))
                .setBase((int) options.number("base", 0));
        if (options.has("red")) {
            health.setRed((int) options.number("red", 0));
        }
    }

    private void addFenceDevice(String name, List<String> targets) {
        FenceDeviceSpec.Builder spec = FenceDeviceSpec.newBuilder().setType("fence_test");
        targets.forEach(target -> spec.putPerNode(target, FenceTarget.getDefaultInstance()));
        object(Keys.FENCE_DEVICES + name, ObjectRow.newBuilder().setFenceDevice(spec));
    }

    private void addTicket(String id, Options options) {
        changes.add(Change.newBuilder()
                .setTicket(FenceTicketRow.newBuilder()
                        .setId(id)
                        .setNode(options.value("node", ""))
                        .setIncarnation(options.number("incarnation", 3))
                        .setAttempts((int) options.number("attempts", 0))
                        .setState(TicketState.valueOf("TICKET_STATE_" + options.value("state", "OPEN"))))
                .build());
    }

    private void addGroup(String name, Options options) {
        GroupSpec.Builder spec = GroupSpec.newBuilder()
                .addAllMembers(options.list("members"))
                .setSafety(options.has("bestEffort") ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_EXCLUSIVE)
                .setStopped(options.has("stopped"))
                .setPriority((int) options.number("priority", 0))
                .setAllowUnhealthyNodes(options.has("allowUnhealthy"))
                .setNotCritical(options.has("notCritical"))
                .setMultipleActive(several(options))
                .setFailure(failure(options))
                .setFollow(follow(options))
                .setPlacement(placement(options));
        ObjectRow.Builder row = ObjectRow.newBuilder().setGroup(spec);
        if (options.has("cloned")) {
            object(Keys.group(name), row.setCloneOf(options.value("cloned", "")));
        } else {
            unit(Keys.group(name), row, options);
        }
    }

    /** Where it does not say {@code of}, what it copies is a resource with the name of the clone and {@code -it}. */
    private void addClone(String name, Options options) {
        String of = options.value("of", name + "-it");
        if (!options.has("of")) {
            List<String> words = new ArrayList<>(List.of("cloned=" + name));
            if (options.has("onFail")) {
                words.add("onFail=" + options.value("onFail", ""));
            }
            addResource(of, new Options(words));
        }
        CloneSpec.Builder spec = CloneSpec.newBuilder()
                .setOf(of)
                .setMin((int) options.number("min", 0))
                .setInterleave(options.has("interleave"))
                .setOrdered(options.has("ordered"))
                .setGloballyUnique(options.has("unique"))
                .setSafety(options.has("bestEffort") ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_EXCLUSIVE)
                .setStopped(options.has("stopped"))
                .setPriority((int) options.number("priority", 0))
                .setAllowUnhealthyNodes(options.has("allowUnhealthy"))
                .setNotCritical(options.has("notCritical"))
                .setMultipleActive(several(options))
                .setFailure(failure(options))
                .setFollow(follow(options))
                .setPlacement(placement(options));
        if (options.has("max")) {
            spec.setMax((int) options.number("max", 1));
        }
        if (options.has("perNode")) {
            spec.setMaxPerNode((int) options.number("perNode", 1));
        }
        if (options.has("promotable")) {
            spec.setPromotable(Promotable.newBuilder().setMax((int) options.number("promotable", 1)));
        }
        unit(Keys.clone(name), ObjectRow.newBuilder().setClone(spec), options);
        instances.remove(name);
        int slots = (int) options.number("slots", spec.hasMax() ? spec.getMax() : nodes.size());
        for (int number = 0; number < slots; number++) {
            slot(name, Clones.copyId(name, number), Slot.newBuilder().setNumber(number));
        }
        for (int number = 0; number < spec.getPromotable().getMax(); number++) {
            slot(
                    name,
                    Clones.promotionId(name, number),
                    Slot.newBuilder().setNumber(number).setPromotion(true));
        }
    }

    private void slot(String clone, String id, Slot.Builder slot) {
        instances.put(
                id,
                InstanceRow.newBuilder()
                        .setId(id)
                        .setUnit(Keys.clone(clone))
                        .setRevision(nextRevision())
                        .setSlot(slot));
    }

    /** The promotion with this id of a copy that is owned: {@code promoted db:promoted:0 copy=db:1}. */
    private void addPromotion(String id, Options options) {
        InstanceRow.Builder copy = instance(options.value("copy", ""));
        OwnershipRow of = copy.getOwnership();
        long token = options.number("token", of.getToken().getRevision() + 1);
        InstanceRow.Builder promotion = instance(id)
                .setHighestToken(Tokens.of(1, token))
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode(of.getNode())
                        .setIncarnation(of.getIncarnation())
                        .setToken(Tokens.of(1, token))
                        .setReleasing(options.has("releasing"))
                        .setStopFailed(options.has("stopFailed"))
                        .setCopy(copy.getId())
                        .setCopyToken(of.getToken()));
        RunState state = RunState.valueOf("RUN_STATE_" + options.value("state", "RUNNING"));
        for (MemberRowStatus member : copy.getMembersList()) {
            promotion.addMembers(MemberRowStatus.newBuilder()
                    .setResource(member.getResource())
                    .setState(state)
                    .setLastFailure(
                            OperationResult.newBuilder().setOperation("promote").setExitName("generic-error")));
        }
    }

    private void addScore(String node, String clone, String score) {
        changes.add(Change.newBuilder()
                .setAttribute(AttributeRow.newBuilder()
                        .setNode(node)
                        .setName(Clones.scoreName(clone))
                        .setValue(score))
                .build());
    }

    private void addResource(String name, Options options) {
        ResourceSpec.Builder spec = ResourceSpec.newBuilder()
                .setSafety(options.has("bestEffort") ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_EXCLUSIVE)
                .setStopped(options.has("stopped"))
                .setPriority((int) options.number("priority", 0))
                .setAllowUnhealthyNodes(options.has("allowUnhealthy"))
                .setNotCritical(options.has("notCritical"))
                .setMultipleActive(several(options))
                .setFailure(failure(options))
                .setFollow(follow(options))
                .setPlacement(placement(options));
        if (options.has("live")) {
            spec.setOcf(OcfKind.newBuilder().setProvider("test").setType("Vm")).setLiveMigration(true);
        } else {
            spec.setSystemd(SystemdKind.newBuilder().setUnit(name + ".service"));
        }
        options.pairs("utilization").forEach((what, amount) -> spec.putUtilization(what, Long.parseLong(amount)));
        options.pairs("onFail")
                .forEach((operation, onFail) -> spec.addOperations(
                        Operation.newBuilder().setName(operation).setOnFail(OnFail.valueOf("ON_FAIL_" + onFail))));
        ObjectRow.Builder row = ObjectRow.newBuilder().setResource(spec);
        if (options.has("of")) {
            object(Keys.resource(name), row.setMemberOf(options.value("of", "")));
        } else if (options.has("cloned")) {
            object(Keys.resource(name), row.setCloneOf(options.value("cloned", "")));
        } else {
            unit(Keys.resource(name), row, options);
        }
    }

    private static FailurePolicy.Builder failure(Options options) {
        FailurePolicy.Builder failure = FailurePolicy.newBuilder();
        if (options.has("moveAfter")) {
            failure.setMoveAfter((int) options.number("moveAfter", 0));
        }
        if (options.has("forgetAfter")) {
            failure.setForgetAfter(Settings.duration(options.number("forgetAfter", 0)));
        }
        return failure;
    }

    private static Follow.Builder follow(Options options) {
        String[] followed = options.value("follow", "").split(":", 2);
        return Follow.newBuilder().setResource(followed[0]).setRole(role(followed.length > 1 ? followed[1] : ""));
    }

    private static Role role(String name) {
        return name.isEmpty() ? Role.ROLE_UNSPECIFIED : Role.valueOf("ROLE_" + name);
    }

    private void addColocation(String name, Options options) {
        ColocationSpec.Builder spec = ColocationSpec.newBuilder()
                .setResource(options.value("of", ""))
                .setWithResource(options.value("with", ""))
                .setRole(role(options.value("role", "")))
                .setWithRole(role(options.value("withRole", "")))
                .setNoInfluence(options.has("noInfluence"))
                .setInfluence(options.has("influence"));
        if (options.has("score")) {
            spec.setScore((int) options.number("score", 0));
        }
        if (options.has("label")) {
            spec.setNodeLabel(options.value("label", ""));
        }
        object("colocations/" + name, ObjectRow.newBuilder().setColocation(spec));
    }

    private void addOrder(String name, Options options) {
        List<ConstraintSet> sets = new ArrayList<>();
        if (options.has("any")) {
            sets.add(ConstraintSet.newBuilder()
                    .addAllResources(options.list("any"))
                    .setParallel(true)
                    .setAny(true)
                    .build());
            sets.add(ConstraintSet.newBuilder()
                    .addResources(options.value("before", ""))
                    .build());
        }
        object(
                "orders/" + name,
                ObjectRow.newBuilder()
                        .setOrder(OrderSpec.newBuilder()
                                .addAllSets(sets)
                                .setFirst(options.value("first", ""))
                                .setThen(options.value("then", ""))
                                .setFirstAction(action(options.value("firstAction", "UNSPECIFIED")))
                                .setThenAction(action(options.value("thenAction", "UNSPECIFIED")))
                                .setKind(OrderKind.valueOf("ORDER_KIND_" + options.value("kind", "MANDATORY")))
                                .setAsymmetrical(options.has("asymmetrical"))));
    }

    private static OrderAction action(String name) {
        return OrderAction.valueOf("ORDER_ACTION_" + name);
    }

    private void addLocation(String name, Options options) {
        LocationSpec.Builder spec =
                LocationSpec.newBuilder().setResource(options.value("of", "")).setRole(role(options.value("role", "")));
        options.pairs("nodes").forEach((node, score) -> spec.putNodes(node, Integer.parseInt(score)));
        LocationRule.Builder rule = LocationRule.newBuilder().setScore((int) options.number("score", 0));
        options.pairs("label")
                .forEach((label, value) ->
                        rule.addMatches(NodeMatch.newBuilder().setLabel(label).setValue(value)));
        if (options.has("during")) {
            rule.addMatches(NodeMatch.newBuilder().setDuring(DateWords.parse(options.value("during", ""))));
        }
        if (options.has("outside")) {
            rule.addMatches(NodeMatch.newBuilder().setOutside(DateWords.parse(options.value("outside", ""))));
        }
        if (rule.getMatchesCount() > 0) {
            spec.addRules(rule);
        }
        object("locations/" + name, ObjectRow.newBuilder().setLocation(spec));
    }

    private void addTicketConstraint(String name, Options options) {
        object(
                Keys.TICKET_CONSTRAINTS + name,
                ObjectRow.newBuilder()
                        .setTicketConstraint(TicketConstraintSpec.newBuilder()
                                .setTicket(options.value("ticket", ""))
                                .addAllResources(options.list("of"))
                                .setRole(role(options.value("role", "")))
                                .setLossPolicy(
                                        LossPolicy.valueOf("LOSS_POLICY_" + options.value("loss", "UNSPECIFIED")))));
    }

    private static Placement.Builder placement(Options options) {
        Placement.Builder placement = Placement.newBuilder()
                .addAllOnly(options.list("only"))
                .addAllAvoid(options.list("avoid"))
                .putAllOnlyLabels(options.pairs("onlyLabels"));
        options.pairs("near").forEach((unit, score) -> placement.putNear(unit, Integer.parseInt(score)));
        options.pairs("apartFrom").forEach((unit, score) -> placement.putApartFrom(unit, Integer.parseInt(score)));
        options.pairs("prefer").forEach((node, score) -> placement.putPrefer(node, Integer.parseInt(score)));
        if (options.has("stickiness")) {
            placement.setStickiness((int) options.number("stickiness", 0));
        }
        return placement;
    }

    private void unit(String key, ObjectRow.Builder row, Options options) {
        if (options.has("disabled")) {
            row.addOverrides(Override.newBuilder()
                    .setDisabled(Disabled.getDefaultInstance())
                    .setBy("ops")
                    .setReason("test"));
        }
        if (options.has("maintenance")) {
            row.addOverrides(Override.newBuilder().setMaintenance(Maintenance.getDefaultInstance()));
        }
        if (options.has("pin")) {
            row.addOverrides(Override.newBuilder()
                    .setPin(Pin.newBuilder().setNode(options.value("pin", "")).setPromoted(row.hasClone())));
        }
        object(key, row.setDeleting(options.has("deleting")));
        instances.put(
                Keys.bare(key),
                InstanceRow.newBuilder().setId(Keys.bare(key)).setUnit(key).setRevision(nextRevision()));
    }

    private void object(String key, ObjectRow.Builder row) {
        changes.add(Change.newBuilder()
                .setObject(row.setKey(key)
                        .setMeta(ObjectMeta.newBuilder().setName(Keys.bare(key)).setRevision(nextRevision())))
                .build());
    }

    private void addMove(String unit, Options options) {
        changes.add(Change.newBuilder()
                .setOperation(OperationRow.newBuilder()
                        .setId("op-" + nextRevision())
                        .setKind(options.has("promoted") ? "switchover" : "move")
                        .addObjects(unit)
                        .setNode(options.value("to", ""))
                        .setActor("ops")
                        .setStartedRevision(options.number("at", 50))
                        .setRevision(50)
                        .setState(OperationState.OPERATION_STATE_RUNNING))
                .build());
    }

    private void addOwnership(String id, Options options) {
        String name = options.value("on", "");
        InstanceRow.Builder instance = instance(id)
                .setHighestToken(Tokens.of(1, options.number("token", 20)))
                .setOwnership(OwnershipRow.newBuilder()
                        .setNode(name)
                        .setIncarnation(options.number("incarnation", node(name).getIncarnation()))
                        .setToken(Tokens.of(1, options.number("token", 20)))
                        .setLookedAtRevision(options.number("lookedAt", 0))
                        .setGranted(Stamp.newBuilder()
                                .setWallMillis(Instant.parse(options.value("granted", "1970-01-01T00:00:00Z"))
                                        .toEpochMilli()))
                        .setReleasing(options.has("releasing"))
                        .setStopFailed(options.has("stopFailed")));
        for (String member : options.list("running")) {
            instance.addMembers(MemberRowStatus.newBuilder().setResource(member).setState(RunState.RUN_STATE_RUNNING));
        }
    }

    /** What is owned leaves alive, for its arrival on another node. */
    private void addMigration(String id, Options options) {
        String name = options.value("to", "");
        FencingToken token = Tokens.of(1, options.number("token", 30));
        InstanceRow.Builder source = instance(id);
        source.getOwnershipBuilder()
                .setDeparture(
                        Departure.newBuilder().setNode(name).setToken(token).setSent(options.has("sent")));
        if (options.has("ended")) {
            return;
        }
        instances.put(
                Migrations.arrivalId(id),
                InstanceRow.newBuilder()
                        .setId(Migrations.arrivalId(id))
                        .setArrivalOf(id)
                        .setUnit(source.getUnit())
                        .setRevision(nextRevision())
                        .setHighestToken(token)
                        .setLastNode(source.getOwnership().getNode())
                        .setOwnership(OwnershipRow.newBuilder()
                                .setNode(name)
                                .setIncarnation(
                                        options.number("incarnation", node(name).getIncarnation()))
                                .setToken(token)
                                .setArrived(options.has("arrived"))
                                .setReleasing(options.has("releasing"))
                                .setStopFailed(options.has("stopFailed")))
                        .addMembers(MemberRowStatus.newBuilder()
                                .setResource(id)
                                .setState(RunState.valueOf("RUN_STATE_" + options.value("state", "STARTING")))
                                .setLastFailure(OperationResult.newBuilder()
                                        .setOperation("migrate_from")
                                        .setExitName("generic-error"))));
        if (options.has("left")) {
            source.clearOwnership().clearMembers();
        }
    }

    private void addMember(String id, Options options) {
        instance(id)
                .addMembers(MemberRowStatus.newBuilder()
                        .setResource(options.value("of", id))
                        .setState(RunState.valueOf("RUN_STATE_" + options.value("state", "RUNNING")))
                        .setLastFailure(OperationResult.newBuilder()
                                .setOperation(options.value("operation", "monitor"))
                                .setExitName(options.value("exit", "not-running"))));
    }

    private void addProbes(String id, Options options) {
        InstanceRow.Builder instance = instance(id).setProbeSince(options.number("since", 5));
        for (String name : options.list("clean")) {
            instance.addProbes(ProbeRow.newBuilder()
                    .setNode(name)
                    .setIncarnation(node(name).getIncarnation())
                    .setSince(instance.getProbeSince()));
        }
    }

    private void addFailure(String id, Options options) {
        instance(id)
                .addFailures(FailureRow.newBuilder()
                        .setNode(options.value("on", ""))
                        .setMember(options.value("of", id))
                        .setCount((int) options.number("count", 1))
                        .setLastAt(stamp(options.number("at", 0)))
                        .setLast(OperationResult.newBuilder()
                                .setOperation(options.value("operation", "monitor"))
                                .setExitName("not-running")));
    }

    private NodeRow.Builder node(String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    private InstanceRow.Builder instance(String id) {
        return Objects.requireNonNull(instances.get(id), id);
    }

    private long nextRevision() {
        return revision++;
    }

    private static Stamp stamp(long logMillis) {
        return Stamp.newBuilder().setLogMillis(logMillis).build();
    }

    /** {@code name}, {@code name=value}, {@code name=a,b}, {@code name=k:v,k:v}. */
    private record Options(List<String> words) {
        boolean has(String name) {
            return words.stream().anyMatch(word -> word.equals(name) || word.startsWith(name + "="));
        }

        String value(String name, String otherwise) {
            for (String word : words) {
                if (word.startsWith(name + "=")) {
                    return word.substring(name.length() + 1);
                }
            }
            return name.equals("phase") ? phase(otherwise) : otherwise;
        }

        private String phase(String otherwise) {
            for (String word : words) {
                if (List.of("up", "lost", "joining", "off").contains(word)) {
                    return word.toUpperCase(Locale.ROOT);
                }
            }
            return otherwise;
        }

        long number(String name, long otherwise) {
            return Long.parseLong(value(name, Long.toString(otherwise)));
        }

        List<String> list(String name) {
            String value = value(name, "");
            return value.isEmpty() ? List.of() : List.of(value.split(","));
        }

        Map<String, String> pairs(String name) {
            Map<String, String> pairs = new LinkedHashMap<>();
            for (String pair : list(name)) {
                String[] parts = pair.split(":", 2);
                pairs.put(parts[0], parts[1]);
            }
            return pairs;
        }
    }
}
