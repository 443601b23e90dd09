package io.quorate.statemachine.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.quorate.agent.v1.AttributeReport;
import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.InstanceReport;
import io.quorate.agent.v1.MachineIdentity;
import io.quorate.agent.v1.MemberReport;
import io.quorate.agent.v1.ProbeReport;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.BeginTerm;
import io.quorate.log.v1.CancelOperation;
import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.ClearFailures;
import io.quorate.log.v1.ClearOverride;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.CompleteJoin;
import io.quorate.log.v1.ConfirmFence;
import io.quorate.log.v1.CreateJoinToken;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.DeleteObject;
import io.quorate.log.v1.DetachNode;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.EndNodeMaintenance;
import io.quorate.log.v1.ExpireLease;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.FinishOperation;
import io.quorate.log.v1.ForgetFailures;
import io.quorate.log.v1.ForgetNode;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.LeaveNode;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.MigrateInstance;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.NoteHeard;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.PauseCluster;
import io.quorate.log.v1.ProbeUnit;
import io.quorate.log.v1.RecoverInstance;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.ReleaseOwner;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.log.v1.ReportAttributes;
import io.quorate.log.v1.ReportFence;
import io.quorate.log.v1.ReportInstance;
import io.quorate.log.v1.ReportProbes;
import io.quorate.log.v1.RequestFence;
import io.quorate.log.v1.RestartUnit;
import io.quorate.log.v1.ResumeCluster;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetFeatureLevel;
import io.quorate.log.v1.SetNodeAttribute;
import io.quorate.log.v1.SetOverride;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.UseJoinToken;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.DigestSum;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Positions;
import io.quorate.statemachine.model.Settings;
import io.quorate.statemachine.model.Tokens;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.snapshot.Restore;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceLevel;
import io.quorate.v1.FencePlanSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.FencingToken;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OperationResult;
import io.quorate.v1.Override;
import io.quorate.v1.Pin;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.RunState;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import io.quorate.v1.SystemdKind;
import io.quorate.v1.TicketAction;
import io.quorate.v1.TicketState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The language of the state machine's script tests: a line is a command, {@code key=value} words override what is
 * otherwise taken from the state (incarnation, session, token), and the answer is {@code ok} or a refusal's code.
 */
final class Script {
    private final Applier applier;
    private ClusterState state = ClusterState.empty();
    private long now = 1_000;
    private long term = 1;
    private long id;

    Script(RuleTable rules) {
        this.applier = new Applier(rules);
    }

    ClusterState state() {
        return state;
    }

    /** Goes on from another state: one that was read from a snapshot. */
    void replaceState(ClusterState other) {
        state = other;
    }

    /** Runs one line and gives what it prints. */
    String run(String line) {
        List<String> words = new ArrayList<>(Arrays.asList(line.trim().split("\\s+")));
        Map<String, String> options = new TreeMap<>();
        words.removeIf(word -> {
            int equals = word.indexOf('=');
            if (equals > 0) {
                options.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return equals > 0;
        });
        String verb = words.remove(0);
        switch (verb) {
            case "time" -> {
                now += Long.parseLong(words.get(0));
                return apply(List.of()).isEmpty() ? "now " + now : "";
            }
            case "term" -> {
                term = Long.parseLong(words.get(0));
                return "term " + term;
            }
            case "show" -> {
                return show(words.get(0));
            }
            case "repeat" -> {
                String rest =
                        line.substring(line.indexOf(words.get(0)) + words.get(0).length());
                String answer = "";
                for (int i = 1; i <= Integer.parseInt(words.get(0)); i++) {
                    answer = run(rest.replace("{}", Integer.toString(i)));
                }
                return answer;
            }
            case "force-level" -> {
                state = Reducer.reduce(
                        state,
                        io.quorate.log.v1.Change.newBuilder()
                                .setMeta(state.meta().toBuilder().setFeatureLevel(Integer.parseInt(words.get(0))))
                                .build());
                return "level " + words.get(0);
            }
            case "restore" -> {
                state = Restore.quarantined(state, state.generation() + 1, List.of(), words);
                Invariants.checkAll(state);
                return "restored";
            }
            case "force-quarantine" -> {
                state = Reducer.reduce(
                        state,
                        io.quorate.log.v1.Change.newBuilder()
                                .setMeta(state.meta().toBuilder()
                                        .setPause(io.quorate.log.v1.PauseRow.newBuilder()
                                                .setReason("restored")
                                                .setQuarantine(true)
                                                .addAllExpectedNodes(words)))
                                .build());
                return "quarantined";
            }
            default -> {
                Command.Builder command = command(verb, words, options, line);
                envelope(command, options);
                return describe(apply(List.of(command.build())).get(0));
            }
        }
    }

    List<CommandResult> apply(List<Command> commands) {
        Applied applied = applier.apply(
                state,
                LogEntry.newBuilder()
                        .setStamp(Stamp.newBuilder().setLogMillis(now).setWallMillis(1_700_000_000_000L + now))
                        .addAllCommands(commands)
                        .build(),
                term);
        state = applied.state();
        Invariants.checkAll(state);
        return applied.results();
    }

    private static String describe(CommandResult result) {
        RejectCode code = RejectCode.of(result.getCode());
        return code == null ? "ok" : "refused " + code;
    }

    private void envelope(Command.Builder command, Map<String, String> options) {
        String by = options.getOrDefault("by", defaultActor(command));
        command.setActor(Actor.newBuilder()
                .setName(options.getOrDefault("name", by))
                .setKind(Actor.Kind.valueOf("KIND_" + by.toUpperCase(java.util.Locale.ROOT))));
        command.setRequestId(options.getOrDefault("id", "r" + ++id));
        if (options.containsKey("formed")) {
            command.setFormedInTerm(Long.parseLong(options.get("formed")));
        }
        if (options.containsKey("read")) {
            for (String read : options.get("read").split(",", -1)) {
                String[] parts = read.split("@", -1);
                command.addReadSet(ObjectRevision.newBuilder()
                        .setObject(parts[0])
                        .setRevision(parts[1].equals("now") ? state.revisionOf(parts[0]) : Long.parseLong(parts[1])));
            }
        }
        if (options.containsKey("known")) {
            command.setKnownPosition(Positions.parse(options.get("known")));
        }
        if (options.containsKey("at")) {
            command.setIfPosition(Positions.parse(options.get("at")));
        }
    }

    private static String defaultActor(Command.Builder command) {
        for (String actor : List.of("user", "node", "leader", "system")) {
            Actor.Kind kind = Actor.Kind.valueOf("KIND_" + actor.toUpperCase(java.util.Locale.ROOT));
            if (io.quorate.statemachine.command.CommandKind.of(command.build()).maySend(kind)) {
                return actor;
            }
        }
        throw new IllegalArgumentException("nobody may send " + command.getKindCase());
    }

    private Command.Builder command(String verb, List<String> words, Map<String, String> options, String line) {
        Command.Builder command = Command.newBuilder();
        String first = words.isEmpty() ? "" : words.get(0);
        String second = words.size() > 1 ? words.get(1) : "";
        switch (verb) {
            case "init" ->
                command.setInitCluster(InitCluster.newBuilder()
                        .setClusterId("c1")
                        .setClusterName("test")
                        .setGeneration(Integer.parseInt(options.getOrDefault("generation", "1")))
                        .addVoters(VoterRow.newBuilder()
                                .setId("s1-0001")
                                .setName("s1")
                                .setRaftEndpoint("127.0.0.1:1")
                                .setLevelMax(Integer.parseInt(options.getOrDefault("max", "1")))));
            case "apply" -> command.setApplyObjects(applyObjects(line, options));
            case "delete" ->
                command.setDeleteObject(
                        DeleteObject.newBuilder().setObject(first).setAllowUnfenced(words.contains("allow-unfenced")));
            case "disable" ->
                command.setSetOverride(override(first)
                        .setOverride(Override.newBuilder().setDisabled(io.quorate.v1.Disabled.getDefaultInstance())));
            case "maintain" ->
                command.setSetOverride(override(first)
                        .setOverride(
                                Override.newBuilder().setMaintenance(io.quorate.v1.Maintenance.getDefaultInstance())));
            case "pin" ->
                command.setSetOverride(override(first)
                        .setOverride(
                                Override.newBuilder().setPin(Pin.newBuilder().setNode(second))));
            case "pin-promoted" ->
                command.setSetOverride(override(first)
                        .setOverride(Override.newBuilder()
                                .setPin(Pin.newBuilder().setNode(second).setPromoted(true))));
            case "override-nothing" -> command.setSetOverride(override(first));
            case "disable-until" ->
                command.setSetOverride(override(first)
                        .setOverride(Override.newBuilder()
                                .setDisabled(io.quorate.v1.Disabled.getDefaultInstance())
                                .setUntil(Timestamp.newBuilder().setSeconds(Long.parseLong(second)))));
            case "clear" ->
                command.setClearOverride(
                        ClearOverride.newBuilder().setUnit(unit(first)).setKind(second));
            case "move" ->
                command.setMoveUnit(MoveUnit.newBuilder().setUnit(unit(first)).setToNode(second));
            case "switchover" ->
                command.setMoveUnit(MoveUnit.newBuilder()
                        .setUnit(unit(first))
                        .setToNode(second)
                        .setPromoted(true));
            case "look" ->
                command.setProbeUnit(ProbeUnit.newBuilder().setUnit(unit(first)).setNode(second));
            case "restart" -> command.setRestartUnit(RestartUnit.newBuilder().setUnit(unit(first)));
            case "clear-failures" ->
                command.setClearFailures(
                        ClearFailures.newBuilder().setUnit(unit(first)).setNode(second));
            case "forget-failures" ->
                command.setForgetFailures(ForgetFailures.newBuilder()
                        .setInstance(first)
                        .setNode(second)
                        .setMember(options.getOrDefault("member", first)));
            case "drain" -> command.setDrainNode(DrainNode.newBuilder().setNode(first));
            case "maintain-node" ->
                command.setMaintainNode(MaintainNode.newBuilder().setNode(first));
            case "end-node-maintenance" ->
                command.setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(first));
            case "undrain" -> command.setResumeNode(ResumeNode.newBuilder().setNode(first));
            case "grant", "revoke", "standby", "activate" ->
                command.setChangeTicket(ChangeTicket.newBuilder()
                        .setTicket(first)
                        .setAction(TicketAction.valueOf("TICKET_ACTION_" + verb.toUpperCase(java.util.Locale.ROOT))));
            case "nothing-with-ticket" ->
                command.setChangeTicket(ChangeTicket.newBuilder().setTicket(first));
            case "forget" -> command.setForgetNode(ForgetNode.newBuilder().setNode(first));
            case "attribute" ->
                command.setSetNodeAttribute(SetNodeAttribute.newBuilder()
                        .setNode(first)
                        .setName(second)
                        .setValue(words.size() > 2 ? repeated(words.get(2)) : ""));
            case "pause" -> command.setPauseCluster(PauseCluster.getDefaultInstance());
            case "resume" -> command.setResumeCluster(ResumeCluster.getDefaultInstance());
            case "level" ->
                command.setSetFeatureLevel(SetFeatureLevel.newBuilder().setLevel(Integer.parseInt(first)));
            case "voter" ->
                command.setRegisterVoter(RegisterVoter.newBuilder()
                        .setVoter(VoterRow.newBuilder()
                                .setId(first)
                                .setName(options.getOrDefault("as", first.replaceAll("-[^-]*$", "")))
                                .setRaftEndpoint(options.getOrDefault("raft", "127.0.0.1:2"))));
            case "remove-voter" ->
                command.setRemoveVoter(RemoveVoter.newBuilder().setId(first));
            case "join-token" ->
                command.setCreateJoinToken(CreateJoinToken.newBuilder()
                        .setToken(JoinTokenRow.newBuilder()
                                .setId(first)
                                .setSecretDigest(secret(options.getOrDefault("secret", "s")))
                                .setUsesLeft(Integer.parseInt(options.getOrDefault("uses", "1"))))
                        .setValidMillis(Long.parseLong(options.getOrDefault("valid", "60000"))));
            case "use-token" ->
                command.setUseJoinToken(UseJoinToken.newBuilder()
                        .setId(first)
                        .setSecretDigest(secret(options.getOrDefault("secret", "s")))
                        .setNode("n9"));
            case "finish" ->
                command.setFinishOperation(FinishOperation.newBuilder().setId(first));
            case "cancel" ->
                command.setCancelOperation(CancelOperation.newBuilder().setId(first));
            case "begin" ->
                command.setBeginTerm(BeginTerm.newBuilder().setMember(first).setCold(words.contains("cold")))
                        .setFormedInTerm(term);
            case "heard" -> command.setNoteHeard(NoteHeard.newBuilder().addAllNodes(words));
            default -> nodeCommand(command, verb, words, options, first, second);
        }
        return command;
    }

    private void nodeCommand(
            Command.Builder command,
            String verb,
            List<String> words,
            Map<String, String> options,
            String first,
            String second) {
        switch (verb) {
            case "register" ->
                command.setRegisterNode(RegisterNode.newBuilder()
                        .setNode(first)
                        .setMachine(MachineIdentity.newBuilder()
                                .setMachineId(options.getOrDefault("machine", "m-" + first))
                                .setBootId(options.getOrDefault("boot", "b1"))
                                .setSharedKernel(words.contains("shared")))
                        .setSessionNonce(ByteString.copyFromUtf8(options.getOrDefault("nonce", "nonce-" + id)))
                        .setProcessId(ByteString.copyFromUtf8(options.getOrDefault("process", "")))
                        .setLevelMin(Integer.parseInt(options.getOrDefault("min", "1")))
                        .setLevelMax(Integer.parseInt(options.getOrDefault("max", "1")))
                        .setHighestSeen(Positions.parse(options.getOrDefault("seen", "0:0")))
                        .addAllAutostartUnits(
                                options.containsKey("autostart") ? List.of(options.get("autostart")) : List.of()));
            case "probe" ->
                command.setReportProbes(ReportProbes.newBuilder()
                        .setNode(first)
                        .setIncarnation(incarnation(first, options))
                        .setSession(session(first, options))
                        .addProbes(probe(options)
                                .setInstance(second)
                                .setSince(number(
                                        options, "since", instance(second).getProbeSince()))
                                .setFinding(finding(words.get(2)))));
            case "joined" ->
                command.setCompleteJoin(CompleteJoin.newBuilder()
                        .setNode(first)
                        .setIncarnation(incarnation(first, options))
                        .setSession(session(first, options)));
            case "detach" ->
                command.setDetachNode(DetachNode.newBuilder()
                        .setNode(first)
                        .setIncarnation(incarnation(first, options))
                        .setSession(session(first, options)));
            case "leave" ->
                command.setLeaveNode(LeaveNode.newBuilder()
                        .setNode(first)
                        .setIncarnation(incarnation(first, options))
                        .setSession(session(first, options)));
            case "lost" ->
                command.setDeclareNodeLost(DeclareNodeLost.newBuilder()
                                .setNode(first)
                                .setIncarnation(incarnation(first, options))
                                .setSilenceMillis(number(options, "silence", 2_000))
                                .setWhy("silent"))
                        .setFormedInTerm(number(options, "measured", term));
            case "scores" ->
                command.setReportAttributes(ReportAttributes.newBuilder()
                        .setNode(first)
                        .setIncarnation(incarnation(first, options))
                        .setSession(session(first, options))
                        .addAllAttributes(scores(options)));
            case "assign" ->
                command.setAssignOwner(AssignOwner.newBuilder()
                        .setInstance(first)
                        .setCopy(options.getOrDefault("copy", ""))
                        .setNode(second)
                        .setIncarnation(incarnation(second, options)));
            case "release" ->
                command.setReleaseOwner(
                        ReleaseOwner.newBuilder().setInstance(first).setToken(token(first, options)));
            case "migrate" ->
                command.setMigrateInstance(MigrateInstance.newBuilder()
                        .setInstance(first)
                        .setToken(token(first, options))
                        .setToNode(second)
                        .setToIncarnation(incarnation(second, options)));
            case "recover" ->
                command.setRecoverInstance(RecoverInstance.newBuilder()
                        .setInstance(first)
                        .setFromMember(second)
                        .setToken(token(first, options)));
            case "report" ->
                command.setReportInstance(ReportInstance.newBuilder()
                        .setNode(second)
                        .setIncarnation(incarnation(second, options))
                        .setSession(session(second, options))
                        .setReport(report(first, words.get(2), options)));
            case "expire" ->
                command.setExpireLease(ExpireLease.newBuilder()
                                .setInstance(first)
                                .setToken(token(first, options))
                                .setWaitedMillis(number(options, "waited", 12_000)))
                        .setFormedInTerm(number(options, "measured", term));
            case "fence" ->
                command.setRequestFence(
                        RequestFence.newBuilder().setNode(first).setIncarnation(incarnation(first, options)));
            case "fenced" ->
                command.setReportFence(ReportFence.newBuilder()
                        .setExecutor(second)
                        .setExecutorIncarnation(incarnation(second, Map.of()))
                        .setExecutorSession(
                                number(options, "session", node(second).getSession()))
                        .setTargetAnswered(words.contains("answered"))
                        .setReport(FenceReport.newBuilder()
                                .setTicket(options.getOrDefault("ticket", ticket(first)))
                                .addAllDevices(
                                        devices(options.getOrDefault("device", "power"), !words.contains("on")))));
            case "confirm" ->
                command.setConfirmFence(ConfirmFence.newBuilder()
                        .setNode(first)
                        .setIncarnation(incarnation(first, options))
                        .setTypedName(options.getOrDefault("typed", first))
                        .setAlive(words.contains("alive"))
                        .setAlthoughAlive(words.contains("although-alive")));
            default -> throw new IllegalArgumentException("no such verb: " + verb);
        }
    }

    private static List<FenceDeviceResult> devices(String names, boolean off) {
        return Arrays.stream(names.split("\\+"))
                .map(name -> FenceDeviceResult.newBuilder()
                        .setDevice(name)
                        .setOffReadBack(off)
                        .build())
                .toList();
    }

    private InstanceReport report(String instance, String what, Map<String, String> options) {
        // whoever holds it, an agent calls it by the name of what it runs
        InstanceReport.Builder report = InstanceReport.newBuilder()
                .setInstance(Migrations.serviceId(
                        instance(instance).toBuilder().setId(instance).build()))
                .setToken(token(instance, options));
        ObjectRow unit = Units.of(state, instance(instance));
        RunState memberState = switch (what) {
            case "running", "sent" -> RunState.RUN_STATE_RUNNING;
            case "degraded" -> RunState.RUN_STATE_DEGRADED;
            case "starting" -> RunState.RUN_STATE_STARTING;
            case "failed" -> RunState.RUN_STATE_FAILED;
            case "stopping", "released-early" -> RunState.RUN_STATE_STOPPING;
            case "released", "stopped" -> RunState.RUN_STATE_STOPPED;
            case "stop-failed" -> RunState.RUN_STATE_BLOCKED;
            default -> throw new IllegalArgumentException("no such report: " + what);
        };
        List<String> names = unit == null
                ? List.of()
                : Units.members(state, unit).stream()
                        .map(member -> member.getMeta().getName())
                        .toList();
        if (options.containsKey("members")) {
            names = options.get("members").equals("none")
                    ? List.of()
                    : Arrays.asList(options.get("members").split(",", -1));
        }
        for (String name : names) {
            if (!options.getOrDefault("only", name).equals(name)) {
                continue;
            }
            boolean failed = memberState == RunState.RUN_STATE_FAILED
                    && options.getOrDefault("member", name).equals(name);
            MemberReport.Builder one = MemberReport.newBuilder()
                    .setResource(name)
                    .setState(
                            name.equals(options.get("stopped"))
                                    ? RunState.RUN_STATE_STOPPED
                                    : memberState == RunState.RUN_STATE_FAILED && !failed
                                            ? RunState.RUN_STATE_RUNNING
                                            : memberState)
                    .setLeftSince(number(options, "left", leftSince(instance, name)))
                    .setRecoverRevision(number(
                            options,
                            "restarted",
                            instance(instance).getRecover().getRevision()))
                    .setFailures(failed ? number(options, "failures", 1) : 0);
            if (failed) {
                one.setLastFailure(
                        OperationResult.newBuilder().setOperation("monitor").setExitCode(7));
            }
            if (what.equals("sent")) {
                one.setSentTokenNumber(sentToken(instance, options));
            }
            report.addMembers(one);
        }
        return report.setReleased(what.startsWith("released"))
                .setStopFailed(what.equals("stop-failed"))
                .build();
    }

    /** {@code db=100} is a score, {@code db=} its removal; {@code name:x=5} any other attribute; {@code many=300} many scores. */
    private static List<AttributeReport> scores(Map<String, String> options) {
        List<AttributeReport> reports = new ArrayList<>();
        options.forEach((key, value) -> {
            if (key.equals("many")) {
                for (int i = 0; i < Integer.parseInt(value); i++) {
                    reports.add(score("promotion-score.c" + i, "1"));
                }
            } else if (!List.of("session", "incarnation", "by", "id").contains(key)) {
                boolean other = key.startsWith("name:");
                reports.add(score(other ? key.substring(5) : "promotion-score." + key, value));
            }
        });
        return reports;
    }

    private static AttributeReport score(String name, String value) {
        return AttributeReport.newBuilder().setName(name).setValue(value).build();
    }

    private long leftSince(String instance, String member) {
        return instance(instance).getMembersList().stream()
                .filter(row -> row.getResource().equals(member))
                .mapToLong(MemberRowStatus::getLeftSince)
                .findFirst()
                .orElse(0);
    }

    private static ApplyObjects applyObjects(String line, Map<String, String> options) {
        ApplyObjects.Builder apply = ApplyObjects.newBuilder().setPruneSet(options.getOrDefault("prune", ""));
        String objects = line.trim().substring("apply".length());
        if (options.containsKey("devices")) {
            for (int i = 0; i < Integer.parseInt(options.get("devices")); i++) {
                apply.addManifests(manifest(List.of("device", objects.trim().split("\\s+", -1)[0] + i, "n1")));
            }
            return apply.build();
        }
        for (String object : objects.split(";", -1)) {
            List<String> words = new ArrayList<>(Arrays.asList(object.trim().split("\\s+")));
            words.removeIf(word -> word.matches("(id|prune|by|known|at|read)=.*"));
            if (words.remove("allow-unfenced")) {
                apply.setAllowUnfenced(true);
            }
            apply.addManifests(manifest(words));
        }
        return apply.build();
    }

    private static Manifest manifest(List<String> words) {
        Manifest.Builder manifest = Manifest.newBuilder();
        String kind = words.get(0);
        String name = words.size() > 1 ? words.get(1) : "";
        manifest.getMetaBuilder().setName(name);
        List<String> rest = words.subList(Math.min(2, words.size()), words.size());
        rest.stream()
                .filter(word -> word.startsWith("set="))
                .forEach(word -> manifest.getMetaBuilder().setSet(word.substring(4)));
        Safety safety = rest.contains("best-effort") ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_UNSPECIFIED;
        MultipleActive several = rest.stream()
                .filter(word -> word.startsWith("multiple="))
                .map(word -> MultipleActive.valueOf("MULTIPLE_ACTIVE_" + word.substring("multiple=".length())))
                .findFirst()
                .orElse(MultipleActive.MULTIPLE_ACTIVE_UNSPECIFIED);
        List<String> names = rest.stream()
                .filter(word -> word.indexOf('=') < 0
                        && !List.of("best-effort", "stopped").contains(word)
                        && !ScriptConstraints.isShortForm(word))
                .toList();
        switch (kind) {
            case "resource" ->
                ScriptConstraints.shortForms(
                        rest,
                        manifest.setResource(resource(names)
                                        .setSafety(safety)
                                        .setStopped(rest.contains("stopped"))
                                        .setMultipleActive(several)
                                        .setLiveMigration(rest.contains("live")))
                                .getResourceBuilder());
            case "group" ->
                ScriptConstraints.shortForms(
                        rest,
                        manifest.setGroup(GroupSpec.newBuilder()
                                        .addAllMembers(names)
                                        .setMultipleActive(several)
                                        .setSafety(safety))
                                .getGroupBuilder());
            case "clone" ->
                ScriptConstraints.shortForms(
                        rest,
                        manifest.setClone(ScriptClones.spec(rest)
                                        .setSafety(safety)
                                        .setMultipleActive(several))
                                .getCloneBuilder());
            case "device" -> {
                FenceDeviceSpec.Builder device = FenceDeviceSpec.newBuilder().setType("fence_test");
                names.forEach(node -> device.putPerNode(
                        node, FenceTarget.newBuilder().putParams("plug", "1").build()));
                manifest.setFenceDevice(device);
            }
            case "plan" -> {
                FencePlanSpec.Builder plan = FencePlanSpec.newBuilder();
                names.forEach(level ->
                        plan.addLevels(FenceLevel.newBuilder().addAllDevices(Arrays.asList(level.split("\\+")))));
                manifest.setFencePlan(plan);
            }
            case "settings" -> {
                manifest.getMetaBuilder().clearName();
                manifest.setSettings(settings(words.subList(1, words.size())));
            }
            default -> {
                List<String> said =
                        rest.stream().filter(word -> !word.startsWith("set=")).toList();
                if (!ScriptConstraints.read(kind, said, manifest)) {
                    throw new IllegalArgumentException("no such kind: " + kind);
                }
            }
        }
        return manifest.build();
    }

    private static ResourceSpec.Builder resource(List<String> words) {
        String type = words.isEmpty() ? "process" : words.get(0);
        ResourceSpec.Builder spec = ResourceSpec.newBuilder();
        if (type.startsWith("systemd:")) {
            return spec.setSystemd(SystemdKind.newBuilder().setUnit(type.substring("systemd:".length())));
        }
        if (type.equals("ocf")) {
            return spec.setOcf(OcfKind.newBuilder().setProvider("heartbeat").setType("Dummy"));
        }
        return spec.setProcess(ProcessKind.newBuilder().addCommand("/bin/" + type));
    }

    private static SettingsSpec settings(List<String> words) {
        SettingsSpec.Builder settings = SettingsSpec.newBuilder();
        for (String word : words) {
            String[] parts = word.split("=", -1);
            var field = SettingsSpec.getDescriptor().findFieldByName(parts[0]);
            boolean number = field.getJavaType() == com.google.protobuf.Descriptors.FieldDescriptor.JavaType.INT;
            settings.setField(
                    field, number ? (Object) Integer.valueOf(parts[1]) : Settings.duration(Long.parseLong(parts[1])));
        }
        return settings.build();
    }

    /** {@code stop=WHY}: what was found was to be stopped, and could not be. */
    private static ProbeReport.Builder probe(Map<String, String> options) {
        ProbeReport.Builder probe = ProbeReport.newBuilder();
        if (options.containsKey("stop")) {
            probe.setStopFailed(
                    OperationResult.newBuilder().setOperation("stop").setExitName(options.get("stop")));
        }
        return probe;
    }

    private SetOverride.Builder override(String name) {
        return SetOverride.newBuilder().setUnit(unit(name));
    }

    private String unit(String name) {
        ObjectRow row = Units.find(state, name);
        return row != null ? row.getKey() : name.isEmpty() || name.contains("/") ? name : "resources/" + name;
    }

    private static String repeated(String value) {
        return value.startsWith("x") && value.length() > 1 && Character.isDigit(value.charAt(1))
                ? "x".repeat(Integer.parseInt(value.substring(1)))
                : value;
    }

    private static ByteString secret(String text) {
        return ByteString.copyFrom(DigestSum.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static ProbeReport.Finding finding(String word) {
        return switch (word) {
            case "running" -> ProbeReport.Finding.FINDING_RUNNING;
            case "error" -> ProbeReport.Finding.FINDING_ERROR;
            default -> ProbeReport.Finding.FINDING_NOT_RUNNING;
        };
    }

    private NodeRow node(String name) {
        return state.nodes().getOrDefault(name, NodeRow.getDefaultInstance());
    }

    private InstanceRow instance(String id) {
        return state.instances().getOrDefault(id, InstanceRow.getDefaultInstance());
    }

    private long incarnation(String node, Map<String, String> options) {
        return number(options, "incarnation", node(node).getIncarnation());
    }

    private long session(String node, Map<String, String> options) {
        return number(options, "session", node(node).getSession());
    }

    private static long number(Map<String, String> options, String name, long otherwise) {
        return options.containsKey(name) ? Long.parseLong(options.get(name)) : otherwise;
    }

    private FencingToken token(String instance, Map<String, String> options) {
        return options.containsKey("token")
                ? Tokens.of(state.generation(), Long.parseLong(options.get("token")))
                : instance(instance).getOwnership().getToken();
    }

    private long sentToken(String instance, Map<String, String> options) {
        FencingToken token = instance(instance).getOwnership().getDeparture().getToken();
        return options.containsKey("sent") ? Long.parseLong(options.get("sent")) : token.getNumber();
    }

    private String ticket(String node) {
        return state.tickets().values().stream()
                .filter(ticket -> ticket.getNode().equals(node))
                .filter(ticket -> ticket.getState() == TicketState.TICKET_STATE_OPEN)
                .map(FenceTicketRow::getId)
                .findFirst()
                .orElse("fence-none");
    }

    private String show(String what) {
        if (state.instances().containsKey(what)) {
            return showInstance(instance(what));
        }
        if (state.nodes().containsKey(what)) {
            NodeRow node = node(what);
            return what + " " + Phases.words(node.getPhase()) + " incarnation " + node.getIncarnation()
                    + (node.getFoundCount() > 0 ? " found " + node.getFound(0).getInstance() : "")
                    + (node.getLooksCount() > 0
                            ? " looks for " + node.getLooks(0).getInstance() + " since "
                                    + node.getLooks(0).getSince()
                            : "")
                    + (node.getFormerLivesCount() > 0
                            ? " former " + node.getFormerLives(0).getIncarnation()
                            : "");
        }
        if (what.contains("/") && state.attributes().containsKey(what)) {
            return what + " " + state.attributes().get(what).getValue();
        }
        if (state.objects().containsKey(what)) {
            return what + (state.objects().get(what).getDeleting() ? " deleting" : " there");
        }
        if (state.operations().containsKey(what)) {
            OperationRow operation = state.operations().get(what);
            return what + " " + operation.getKind() + " " + operation.getDetail();
        }
        if (state.siteTickets().containsKey(what)) {
            SiteTicketRow ticket = state.siteTickets().get(what);
            return what + (ticket.getGranted() ? " granted" : " revoked") + (ticket.getStandby() ? " standby" : "");
        }
        return switch (what) {
            case "last-change" -> "changed at " + state.meta().getChangedRevision();
            case "position" -> Positions.format(state.position());
            case "event" ->
                state.events().isEmpty()
                        ? "none"
                        : state.events().lastEntry().getValue().getText();
            default -> what + " is not there";
        };
    }

    private String showInstance(InstanceRow instance) {
        StringBuilder text = new StringBuilder(instance.getId());
        if (instance.hasOwnership()) {
            text.append(instance.getOwnership().getReleasing() ? " releasing on " : " owned by ")
                    .append(instance.getOwnership().getNode())
                    .append(" token ")
                    .append(Tokens.format(instance.getOwnership().getToken()));
            if (!instance.getOwnership().getCopy().isEmpty()) {
                text.append(" of ").append(instance.getOwnership().getCopy());
            }
            if (instance.getOwnership().hasDeparture()) {
                text.append(instance.getOwnership().getDeparture().getSent() ? " sent to " : " leaving for ")
                        .append(instance.getOwnership().getDeparture().getNode());
            }
            text.append(instance.getOwnership().getArrived() ? " arrived" : "");
        } else {
            text.append(" free");
        }
        instance.getMembersList()
                .forEach(member -> text.append(' ')
                        .append(member.getResource())
                        .append('=')
                        .append(member.getState().name().replace("RUN_STATE_", "")));
        instance.getFailuresList()
                .forEach(failure -> text.append(" failures ")
                        .append(failure.getNode())
                        .append('/')
                        .append(failure.getMember())
                        .append('=')
                        .append(failure.getCount()));
        if (instance.hasRestart()) {
            text.append(" restart ").append(instance.getRestart().getReason().getCode());
            instance.getRestart()
                    .getHeldList()
                    .forEach(held -> text.append(" as before ").append(held.getResource()));
        }
        if (Units.isHeldForProbes(state, instance)) {
            text.append(" held");
        }
        return text.toString();
    }
}
