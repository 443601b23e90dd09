package io.quorate.jepsen.sim;

import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.ClearFailures;
import io.quorate.log.v1.ClearOverride;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.EndNodeMaintenance;
import io.quorate.log.v1.MaintainNode;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.PauseCluster;
import io.quorate.log.v1.RestartUnit;
import io.quorate.log.v1.ResumeCluster;
import io.quorate.log.v1.ResumeNode;
import io.quorate.log.v1.SetOverride;
import io.quorate.v1.Disabled;
import io.quorate.v1.Override;
import io.quorate.v1.Pin;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Whatever can go wrong, at random, and operators who do not wait for it to end. */
final class Nemesis {

    /** What may happen. */
    enum Fault {
        POWER_OFF,
        POWER_ON,
        KILL_SERVER,
        KILL_AGENT,
        KILL_AGENT_IN_A_START,
        START_PROCESSES,
        PAUSE_SERVER,
        PAUSE_AGENT,
        PAUSE_MACHINE,
        CUT_BOTH_WAYS,
        CUT_ONE_WAY,
        CUT_OFF,
        CUT_MINORITY,
        SLOW_LINK,
        LOSS,
        DUPLICATES,
        HEAL_NETWORK,
        ELECT,
        SERVICE_CRASHES,
        OPERATION_FAILS,
        OPERATION_FAILS_RUNNING,
        OPERATION_SLOW,
        DEVICE_FAILS,
        DEVICE_SLOW,
        DEVICE_CONFIRMS_LATE,
        DEVICES_WORK,
        WALL_CLOCK_JUMPS,
        MOVE,
        DRAIN,
        RESUME,
        RESTART,
        DISABLE,
        ENABLE,
        PIN,
        UNPIN,
        REDEFINE,
        MAINTAIN,
        END_MAINTENANCE,
        PAUSE_CLUSTER,
        RESUME_CLUSTER,
        CLEAR_FAILURES,
        LATE_COMMAND,
        WILD_DECISION
    }

    private static final List<Fault> ALL = List.of(Fault.values());
    private static final int ATTEMPTS = 10;
    /** What lasts is over after this long, or when the next of its kind is. */
    private static final long LONGEST_NANOS = 20 * Timeline.SECOND;

    private final SimWorld world;
    private final SplittableRandom random;
    private final Services services;
    private final Adversary adversary;
    private final Map<Fault, Long> fired = new EnumMap<>(Fault.class);

    Nemesis(SimWorld world, SplittableRandom random, Services services) {
        this.world = world;
        this.random = random;
        this.services = services;
        this.adversary = new Adversary(random);
    }

    Map<Fault, Long> fired() {
        return fired;
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private String node() {
        return any(SimWorld.NODES);
    }

    private String voter() {
        return any(SimWorld.VOTERS);
    }

    /** Something happens that can happen now. */
    void strike() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Fault fault = any(ALL);
            String what = strike(fault);
            if (what != null) {
                fire(fault, what);
                return;
            }
        }
    }

    private void fire(Fault fault, String what) {
        fired.merge(fault, 1L, Long::sum);
        world.say(fault + " " + what);
    }

    private @Nullable String strike(Fault fault) {
        return switch (fault) {
            case POWER_OFF -> powerOff(node());
            case POWER_ON -> powerOn(node());
            case KILL_SERVER -> killServer(voter());
            case KILL_AGENT -> killAgent(node());
            case KILL_AGENT_IN_A_START -> killAgentInAStart();
            case START_PROCESSES -> startProcesses(node());
            case PAUSE_SERVER -> pauseServer(voter());
            case PAUSE_AGENT -> pauseAgent(node());
            case PAUSE_MACHINE -> pauseMachine(voter());
            case CUT_BOTH_WAYS -> cut(node(), node(), true);
            case CUT_ONE_WAY -> cut(node(), node(), false);
            case CUT_OFF -> cutOff(List.of(node()));
            case CUT_MINORITY -> cutOff(List.of(voter(), any(List.of("n4", "n5"))));
            case SLOW_LINK -> slow(node(), node());
            case LOSS -> {
                world.network().lose(50 + random.nextLong(250));
                world.later(
                        random.nextLong(LONGEST_NANOS), () -> world.network().lose(0));
                yield "";
            }
            case DUPLICATES -> {
                world.duplicate(100 + random.nextLong(300));
                yield "";
            }
            case HEAL_NETWORK -> {
                world.network().heal();
                yield "";
            }
            case ELECT -> elect(voter());
            case SERVICE_CRASHES -> crash();
            case OPERATION_FAILS -> mood(SimMachine.Mood.FAILS);
            case OPERATION_FAILS_RUNNING -> mood(SimMachine.Mood.FAILS_RUNNING);
            case OPERATION_SLOW -> mood(SimMachine.Mood.SLOW);
            case DEVICE_FAILS -> device(SimMachine.Device.FAILS);
            case DEVICE_SLOW -> device(SimMachine.Device.SLOW);
            case DEVICE_CONFIRMS_LATE -> device(SimMachine.Device.CONFIRMS_LATE);
            case DEVICES_WORK -> {
                SimWorld.NODES.forEach(name -> world.machine(name).setDevice(SimMachine.Device.WORKS));
                yield "";
            }
            case WALL_CLOCK_JUMPS -> jump(node());
            case MOVE -> move();
            case DRAIN ->
                ask(
                        "drain ",
                        node(),
                        name -> Command.newBuilder()
                                .setDrainNode(DrainNode.newBuilder().setNode(name)));
            case RESUME -> ask("resume ", node(), Nemesis::resume);
            case RESTART ->
                ask(
                        "restart ",
                        any(services.units()),
                        key -> Command.newBuilder()
                                .setRestartUnit(RestartUnit.newBuilder().setUnit(key)));
            case DISABLE ->
                ask(
                        "disable ",
                        any(services.units()),
                        key -> override(key, Override.newBuilder().setDisabled(Disabled.getDefaultInstance())));
            case ENABLE -> ask("enable ", any(services.units()), key -> clear(key, "disabled"));
            case PIN -> {
                String where = node();
                yield ask(
                        "pin ",
                        any(services.units()),
                        key -> override(
                                key,
                                Override.newBuilder().setPin(Pin.newBuilder().setNode(where))));
            }
            case UNPIN -> ask("unpin ", any(services.units()), key -> clear(key, "pin"));
            case REDEFINE ->
                ask(
                        "redefine",
                        "",
                        unused -> Command.newBuilder()
                                .setApplyObjects(ApplyObjects.newBuilder().addManifests(services.redefined(random))));
            case MAINTAIN ->
                ask(
                        "maintain ",
                        node(),
                        name -> Command.newBuilder()
                                .setMaintainNode(MaintainNode.newBuilder().setNode(name)));
            case END_MAINTENANCE -> ask("end maintenance of ", node(), Nemesis::endMaintenance);
            case PAUSE_CLUSTER ->
                random.nextInt(4) != 0
                        ? null
                        : ask(
                                "pause",
                                "",
                                unused -> Command.newBuilder().setPauseCluster(PauseCluster.getDefaultInstance()));
            case RESUME_CLUSTER ->
                ask(
                        "resume the cluster",
                        "",
                        unused -> Command.newBuilder().setResumeCluster(ResumeCluster.getDefaultInstance()));
            case CLEAR_FAILURES ->
                ask(
                        "clear failures",
                        "",
                        unused -> Command.newBuilder().setClearFailures(ClearFailures.getDefaultInstance()));
            case LATE_COMMAND ->
                adverse(adversary.late(world.committed(), world.raft().asked()));
            case WILD_DECISION ->
                adverse(adversary.wild(world.committed(), world.raft().term()));
        };
    }

    private @Nullable String adverse(Command.@Nullable Builder command) {
        if (command == null || world.leader() == null) {
            return null;
        }
        String what = command.getKindCase().toString();
        world.tryTo(command, what);
        return what;
    }

    private interface Asking {
        Command.Builder of(String name);
    }

    private @Nullable String ask(String what, String whom, Asking command) {
        if (world.leader() == null) {
            return null;
        }
        world.tryTo(command.of(whom), what + whom);
        return whom;
    }

    private static Command.Builder override(String unit, Override.Builder override) {
        return Command.newBuilder()
                .setSetOverride(SetOverride.newBuilder().setUnit(unit).setOverride(override));
    }

    private static Command.Builder clear(String unit, String kind) {
        return Command.newBuilder()
                .setClearOverride(ClearOverride.newBuilder().setUnit(unit).setKind(kind));
    }

    private static Command.Builder resume(String node) {
        return Command.newBuilder().setResumeNode(ResumeNode.newBuilder().setNode(node));
    }

    private static Command.Builder endMaintenance(String node) {
        return Command.newBuilder()
                .setEndNodeMaintenance(EndNodeMaintenance.newBuilder().setNode(node));
    }

    private @Nullable String move() {
        String to = random.nextInt(3) == 0 ? "" : node();
        return ask(
                "move to '" + to + "' ",
                any(services.units()),
                key -> Command.newBuilder()
                        .setMoveUnit(MoveUnit.newBuilder().setUnit(key).setToNode(to)));
    }

    private @Nullable String powerOff(String name) {
        if (!world.machine(name).isOn()) {
            return null;
        }
        world.losePower(name);
        if (random.nextInt(3) != 0) {
            world.later(random.nextLong(LONGEST_NANOS), () -> world.bootAgain(name));
        }
        return name;
    }

    private @Nullable String powerOn(String name) {
        if (world.machine(name).isOn()) {
            return null;
        }
        world.bootAgain(name);
        return name;
    }

    private @Nullable String killServer(String name) {
        SimServer server = world.server(name);
        if (server == null || server.process() == null) {
            return null;
        }
        server.kill();
        if (random.nextInt(4) != 0) {
            world.later(random.nextLong(5 * Timeline.SECOND), () -> world.startProcesses(name));
        }
        return name;
    }

    private @Nullable String killAgent(String name) {
        if (!world.node(name).isRunning()) {
            return null;
        }
        world.node(name).kill();
        // Its service manager starts it again, soon.
        if (random.nextInt(4) != 0) {
            world.later(
                    random.nextLong(3 * Timeline.SECOND), () -> world.node(name).start());
        }
        return name;
    }

    /** When the next operation has begun that may make something run: its agent is gone before it ends. */
    private @Nullable String killAgentInAStart() {
        SimMachine machine = world.machine(node());
        machine.onNextStart(() -> world.later(random.nextLong(200 * Timeline.MILLI), () -> {
            if (machine.isStarting() && killAgent(machine.name()) != null) {
                fire(Fault.KILL_AGENT_IN_A_START, machine.name());
            }
        }));
        return null;
    }

    private @Nullable String startProcesses(String name) {
        SimServer server = world.server(name);
        boolean all = world.node(name).isRunning() && (server == null || server.process() != null);
        if (all || !world.machine(name).isOn()) {
            return null;
        }
        world.startProcesses(name);
        return name;
    }

    private @Nullable String pauseServer(String name) {
        SimServer server = world.server(name);
        if (server == null || server.process() == null || server.isPaused()) {
            return null;
        }
        long nanos = random.nextLong(8 * Timeline.SECOND);
        server.pause(true);
        world.later(nanos, () -> server.pause(false));
        return name + " for " + nanos / Timeline.MILLI + " ms";
    }

    private @Nullable String pauseAgent(String name) {
        SimNode node = world.node(name);
        if (!node.isRunning() || node.isPaused()) {
            return null;
        }
        long nanos = random.nextLong(8 * Timeline.SECOND);
        node.pause(true);
        world.later(nanos, () -> node.pause(false));
        return name + " for " + nanos / Timeline.MILLI + " ms";
    }

    private @Nullable String pauseMachine(String name) {
        String server = pauseServer(name);
        String agent = pauseAgent(name);
        return server == null || agent == null ? null : server;
    }

    private @Nullable String cut(String one, String other, boolean bothWays) {
        if (one.equals(other)) {
            return null;
        }
        cut(one, other);
        if (bothWays) {
            cut(other, one);
        }
        return one + " to " + other;
    }

    private void cut(String from, String to) {
        world.network().cut(from, to);
        mendLater(from, to);
    }

    private void mendLater(String from, String to) {
        world.later(random.nextLong(LONGEST_NANOS), () -> world.network().mend(from, to));
    }

    private String cutOff(List<String> away) {
        for (String one : away) {
            for (String other : SimWorld.NODES) {
                if (!away.contains(other)) {
                    cut(one, other);
                    cut(other, one);
                }
            }
        }
        return away.toString();
    }

    private @Nullable String slow(String one, String other) {
        if (one.equals(other)) {
            return null;
        }
        long nanos = random.nextLong(900 * Timeline.MILLI);
        world.network().slow(one, other, nanos);
        mendLater(one, other);
        return one + " to " + other + " by " + nanos / Timeline.MILLI + " ms";
    }

    private @Nullable String elect(String name) {
        SimServer server = world.server(name);
        return server != null
                        && server.raft() != world.raft().leader()
                        && world.raft().elect(server.raft())
                ? name
                : null;
    }

    private @Nullable String crash() {
        String name = node();
        List<String> running = new ArrayList<>(world.machine(name).services().keySet());
        if (running.isEmpty()) {
            return null;
        }
        String service = any(running);
        world.machine(name).crash(service);
        return service + " on " + name;
    }

    private String mood(SimMachine.Mood mood) {
        String name = node();
        String service = any(services.members());
        world.machine(name).setMood(service, mood);
        return service + " on " + name;
    }

    private String device(SimMachine.Device device) {
        String name = node();
        world.machine(name).setDevice(device);
        return "of " + name;
    }

    private String jump(String name) {
        world.machine(name).clock().setWallOffsetMillis(random.nextLong(7_200_000) - 3_600_000);
        return name;
    }

    /** Ends all trouble: what is off is switched on by whoever looks after machines, and operators take back what they asked. */
    void calmDown() {
        world.network().heal();
        world.duplicate(0);
        for (String name : SimWorld.NODES) {
            world.machine(name).setDevice(SimMachine.Device.WORKS);
            world.machine(name).forgetMoods();
            world.machine(name).clock().setWallOffsetMillis(0);
            world.node(name).pause(false);
            SimServer server = world.server(name);
            if (server != null && server.isPaused()) {
                server.pause(false);
            }
        }
    }

    /** What operators ask for until it is done: everything as it should be. */
    void askForCalm() {
        for (String name : SimWorld.NODES) {
            world.bootAgain(name);
            world.startProcesses(name);
            ask("resume ", name, Nemesis::resume);
            ask("end maintenance of ", name, Nemesis::endMaintenance);
        }
        for (String unit : services.units()) {
            ask("enable ", unit, key -> clear(key, "disabled"));
            ask("unpin ", unit, key -> clear(key, "pin"));
        }
        ask(
                "resume the cluster",
                "",
                unused -> Command.newBuilder().setResumeCluster(ResumeCluster.getDefaultInstance()));
        ask("clear failures", "", unused -> Command.newBuilder().setClearFailures(ClearFailures.getDefaultInstance()));
    }
}
