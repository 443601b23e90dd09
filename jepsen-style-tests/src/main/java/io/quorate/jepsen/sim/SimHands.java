package io.quorate.jepsen.sim;

import io.quorate.server.agent.AgentParts;
import io.quorate.server.agent.exec.Cell;
import io.quorate.server.agent.exec.Cells;
import io.quorate.server.agent.exec.CopyFiles;
import io.quorate.server.agent.exec.Executor;
import io.quorate.server.agent.exec.ExitCodes;
import io.quorate.server.agent.exec.MemberOperations;
import io.quorate.server.agent.exec.OperationFiles;
import io.quorate.server.agent.exec.Outcome;
import io.quorate.server.agent.exec.Outcome.Finding;
import io.quorate.server.agent.exec.ProcessExecutor;
import io.quorate.server.agent.exec.ProcessIdentity;
import io.quorate.server.agent.exec.ProcessResult;
import io.quorate.server.agent.exec.ProcessRunner;
import io.quorate.server.agent.exec.ProcessSpec;
import io.quorate.server.agent.exec.Task;
import io.quorate.server.agent.fence.FenceRunner;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The hands of one process of an agent, as its machine and its time are: what it does takes virtual time. */
final class SimHands {
    static final String FENCE_AGENT = "fence_sim";
    private static final Pattern PLUG = Pattern.compile("(?m)^plug=(.*)$");
    private static final long START_NANOS = 300 * Timeline.MILLI;
    private static final long STOP_NANOS = 200 * Timeline.MILLI;
    private static final long LOOK_NANOS = 4 * Timeline.MILLI;
    private static final long ROLE_NANOS = 150 * Timeline.MILLI;
    private static final long SWITCH_NANOS = 500 * Timeline.MILLI;

    private final SimMachine machine;
    private final Fibers.Group fibers;
    private final Map<String, SimMachine> machines;
    private final Mutation mutation;
    private final Consumer<String> switchOff;
    private final Services services = new Services();

    /**
     * @param machines by name, those that fence devices can switch
     * @param switchOff takes the power of a machine
     */
    SimHands(
            SimMachine machine,
            Fibers.Group fibers,
            Map<String, SimMachine> machines,
            Mutation mutation,
            Consumer<String> switchOff) {
        this.machine = machine;
        this.fibers = fibers;
        this.machines = machines;
        this.mutation = mutation;
        this.switchOff = switchOff;
    }

    /** The parts of an agent that keeps its files there. */
    AgentParts parts(Path data) throws IOException {
        Runner runner = new Runner();
        SimCells cells = new SimCells();
        OperationFiles files = new OperationFiles(data.resolve("run"));
        Path scratch = Files.createDirectories(data.resolve("scratch"));
        Path agents = Files.createDirectories(data.resolve("agents"));
        Path agent = agents.resolve(FENCE_AGENT);
        if (!Files.exists(agent)) {
            Files.writeString(agent, "simulated");
            Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        CopyFiles copies = new CopyFiles(data.resolve("copies"));
        services.copies = copies;
        return new AgentParts(
                new MemberOperations(runner, cells, services, services, services),
                new ProcessExecutor(runner, cells, files, machine.clock()),
                files,
                new FenceRunner(runner, agents, scratch, machine.clock(), time -> fibers.sleep(time.toNanos())),
                copies,
                "simulated");
    }

    private static String key(String instance, String resource) {
        return instance + "/" + resource;
    }

    private static String key(Task task) {
        return key(task.home(), task.resource());
    }

    private final class Services implements Executor {
        private @Nullable CopyFiles copies;

        @Override
        public Outcome start(Task task) throws InterruptedException {
            SimMachine.Mood mood = machine.takeMood(key(task));
            long took = machine.durationNanos(mood == SimMachine.Mood.SLOW ? 20 * START_NANOS : START_NANOS);
            boolean runs = mood != SimMachine.Mood.FAILS;
            return operate("start", task, true, took, () -> {
                if (runs) {
                    machine.run(key(task), task.token());
                    score(task);
                }
                return mood == SimMachine.Mood.WELL || mood == SimMachine.Mood.SLOW
                        ? outcome("start", Finding.RUNNING, ExitCodes.OK)
                        : outcome("start", Finding.FAILED, ExitCodes.ERR_GENERIC);
            });
        }

        private void score(Task task) {
            if (!task.part().context().getPromotable() || copies == null) {
                return;
            }
            try {
                Files.writeString(copies.of(task.home()).resolve("score"), "10");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Outcome stop(Task task) throws InterruptedException {
            SimMachine.Mood mood = machine.takeMood(key(task));
            long took = machine.durationNanos(mood == SimMachine.Mood.SLOW ? 20 * STOP_NANOS : STOP_NANOS);
            return operate("stop", task, false, took, () -> {
                if (mood == SimMachine.Mood.FAILS || mood == SimMachine.Mood.FAILS_RUNNING) {
                    return outcome("stop", Finding.FAILED, ExitCodes.ERR_GENERIC);
                }
                machine.end(key(task));
                return outcome("stop", Finding.NOT_RUNNING, ExitCodes.OK);
            });
        }

        @Override
        public Outcome monitor(Task task) throws InterruptedException {
            return operate("monitor", task, false, machine.durationNanos(LOOK_NANOS), () -> found(task));
        }

        @Override
        public Outcome probe(Task task) throws InterruptedException {
            return monitor(task);
        }

        private Outcome found(Task task) {
            SimMachine.Service running = machine.service(key(task));
            if (running == null) {
                return outcome("monitor", Finding.NOT_RUNNING, ExitCodes.NOT_RUNNING);
            }
            return outcome("monitor", Finding.RUNNING, running.promoted() ? ExitCodes.RUNNING_PROMOTED : ExitCodes.OK);
        }

        @Override
        public Outcome validate(Task task) {
            return outcome("validate-all", Finding.NOT_RUNNING, ExitCodes.OK);
        }

        @Override
        public Duration monitorInterval(ResourceSpec spec, Role role) {
            return Duration.ofSeconds(role == Role.ROLE_PROMOTED ? 4 : 5);
        }

        @Override
        public Outcome promote(Task task) throws InterruptedException {
            return operate("promote", task, true, machine.durationNanos(ROLE_NANOS), () -> {
                machine.promote(key(task), true);
                return outcome("promote", Finding.RUNNING, ExitCodes.OK);
            });
        }

        @Override
        public Outcome demote(Task task) throws InterruptedException {
            return operate("demote", task, true, machine.durationNanos(ROLE_NANOS), () -> {
                machine.promote(key(task), false);
                return outcome("demote", Finding.NOT_RUNNING, ExitCodes.OK);
            });
        }

        @Override
        public Outcome tell(Task task) {
            return outcome("notify", Finding.RUNNING, ExitCodes.OK);
        }

        /** An operation ends on the machine, whether or not the agent is still there to hear of it. */
        private Outcome operate(
                String operation, Task task, boolean among, long tookNanos, java.util.function.Supplier<Outcome> end)
                throws InterruptedException {
            CompletableFuture<Outcome> result = new CompletableFuture<>();
            SimMachine.Op op = machine.begin(key(task), among, tookNanos, () -> result.complete(end.get()));
            var unused = op.ended().thenAccept(whole -> {
                if (!whole) {
                    result.complete(outcome(operation, Finding.FAILED, 137));
                }
            });
            task.started().accept(op.process());
            return await(result);
        }
    }

    private <T> T await(CompletableFuture<T> result) throws InterruptedException {
        try {
            return fibers.await(result);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Outcome outcome(String operation, Finding finding, int exitCode) {
        return new Outcome(operation, finding, exitCode, "", "", Duration.ZERO);
    }

    private final class SimCells implements Cells {
        @Override
        public Cell ofMember(String instance, String resource) {
            return new SimCell(key(instance, resource), true);
        }

        @Override
        public Cell ofOperation(String instance, String resource) {
            return new SimCell(key(instance, resource), false);
        }

        @Override
        public String description() {
            return "simulated";
        }
    }

    private final class SimCell implements Cell {
        private final String service;
        private final boolean among;

        SimCell(String service, boolean among) {
            this.service = service;
            this.among = among;
        }

        @Override
        public List<Path> entrances() {
            return List.of();
        }

        @Override
        public Map<String, String> marker() {
            return Map.of();
        }

        @Override
        public List<ProcessIdentity> processes() {
            return machine.processes(service, among);
        }

        @Override
        public void terminateAll() {
            machine.killAll(service, among);
        }

        @Override
        public boolean killAll(Duration patience) {
            if (!mutation.is(Mutation.Fake.OneOp)) {
                machine.killAll(service, among);
            }
            return true;
        }
    }

    /** Runs fence agents, the only programs that there are. */
    private final class Runner implements ProcessRunner {
        @Override
        public ProcessResult run(ProcessSpec spec, Consumer<ProcessIdentity> started) throws InterruptedException {
            Matcher plug = PLUG.matcher(spec.stdin());
            SimMachine target = plug.find() ? machines.get(plug.group(1)) : null;
            if (target == null) {
                return result(ExitCodes.ERR_GENERIC, "no such plug");
            }
            if (spec.stdin().contains("action=off")) {
                return off(target);
            }
            fibers.sleep(machine.durationNanos(20 * Timeline.MILLI));
            return target.isOn() ? result(0, "Status: ON") : result(2, "Status: OFF");
        }

        private ProcessResult off(SimMachine target) throws InterruptedException {
            SimMachine.Device device = target.device();
            fibers.sleep(machine.durationNanos(device == SimMachine.Device.SLOW ? 10 * Timeline.SECOND : SWITCH_NANOS));
            if (device == SimMachine.Device.FAILS) {
                return result(ExitCodes.ERR_GENERIC, "no answer");
            }
            switchOff.accept(target.name());
            if (device == SimMachine.Device.CONFIRMS_LATE) {
                fibers.sleep(30 * Timeline.SECOND);
            }
            return result(0, "Success: Powered OFF");
        }

        private static ProcessResult result(int code, String text) {
            return new ProcessResult(code, false, text, text, Duration.ZERO);
        }

        @Override
        public Supervised launch(ProcessSpec spec) {
            throw new UnsupportedOperationException("there are no commands to supervise");
        }

        @Override
        public boolean killSession(ProcessIdentity leader) {
            if (!mutation.is(Mutation.Fake.OneOp)) {
                machine.kill(leader);
            }
            return true;
        }
    }
}
