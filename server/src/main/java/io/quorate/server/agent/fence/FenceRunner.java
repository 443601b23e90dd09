package io.quorate.server.agent.fence;

import io.quorate.agent.v1.FenceCheckOrder;
import io.quorate.agent.v1.FenceCheckReply;
import io.quorate.agent.v1.FenceDeviceCall;
import io.quorate.agent.v1.FenceDeviceResult;
import io.quorate.agent.v1.FenceOrder;
import io.quorate.server.agent.exec.Durations;
import io.quorate.server.agent.exec.ExitCodes;
import io.quorate.server.agent.exec.PathSafety;
import io.quorate.server.agent.exec.ProcessResult;
import io.quorate.server.agent.exec.ProcessRunner;
import io.quorate.server.agent.exec.ProcessSpec;
import io.quorate.server.agent.exec.RefusedException;
import io.quorate.server.agent.exec.Secrets;
import io.quorate.server.agent.exec.Texts;
import io.quorate.server.time.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Switches nodes off through fence agents: options on their standard input, never as arguments, and "off" only when the
 * agent switched without an error and then reads back off, by exit code and in words. Blocking; safe for use by many threads.
 */
public final class FenceRunner {
    private static final int TAIL_CHARACTERS = 1024;
    /** Exit code of {@code action=status} when the plug is off; interpreters and option parsers fail with the same. */
    private static final int STATUS_OFF = 2;
    /** What fence agents print with it, which a program that did not even come to ask its device does not. */
    private static final Pattern SAYS_OFF =
            Pattern.compile("^\\s*Status:\\s*OFF\\s*$", Pattern.MULTILINE | Pattern.CASE_INSENSITIVE);

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(40);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final ProcessRunner runner;
    private final Path agents;
    private final Path scratch;
    private final Clock clock;
    private final Pause pause;

    /** Lets time pass. */
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /**
     * @param agents where fence agents are, normally /usr/sbin
     * @param scratch a private directory for their output while they run
     */
    public FenceRunner(ProcessRunner runner, Path agents, Path scratch, Clock clock) {
        this(runner, agents, scratch, clock, time -> Thread.sleep(time.toMillis()));
    }

    /** @param pause between two looks at a device, by that clock */
    public FenceRunner(ProcessRunner runner, Path agents, Path scratch, Clock clock, Pause pause) {
        this.runner = runner;
        this.agents = agents;
        this.scratch = scratch;
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * Every device of the order's level, one after the other, one result each. All must read back off; after the first that
     * does not, the rest is still switched: a machine with one of two supplies off is nearer to off.
     */
    public List<FenceDeviceResult> off(FenceOrder order) throws InterruptedException {
        Duration timeout = order.hasTimeout() ? Durations.of(order.getTimeout()) : DEFAULT_TIMEOUT;
        List<FenceDeviceResult> results = new ArrayList<>();
        for (FenceDeviceCall device : order.getDevicesList()) {
            results.add(off(device, timeout));
        }
        return results;
    }

    private FenceDeviceResult off(FenceDeviceCall device, Duration timeout) throws InterruptedException {
        long begin = clock.monotonicNanos();
        long deadline = begin + timeout.toNanos();
        try {
            Call call = prepare(device);
            ProcessResult switched = run(call, "off", timeout);
            boolean done = !switched.timedOut() && switched.exitCode() == ExitCodes.OK;
            boolean off = done && readBack(call, deadline);
            String tail = call.redact(switched.tail());
            return result(device, switched.exitCode(), off, tail, begin);
        } catch (RefusedException | IOException e) {
            int code = e instanceof RefusedException refusal ? refusal.exitCode() : ExitCodes.ERR_GENERIC;
            return result(device, code, false, String.valueOf(e.getMessage()), begin);
        }
    }

    /** Some devices say "done" before the power is gone: status is asked until it says off or the time is up. */
    private boolean readBack(Call call, long deadline) throws IOException, InterruptedException {
        Duration wait = FIRST_PAUSE;
        while (true) {
            Duration left = Duration.ofNanos(deadline - clock.monotonicNanos());
            if (left.isNegative() || left.isZero()) {
                return false;
            }
            ProcessResult status = run(call, "status", left);
            if (saysOff(status)) {
                return true;
            }
            pause.of(Duration.ofMillis(Math.min(wait.toMillis(), Math.max(1, left.toMillis()))));
            wait = wait.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wait.multipliedBy(2);
        }
    }

    private static boolean saysOff(ProcessResult status) {
        return !status.timedOut()
                && status.exitCode() == STATUS_OFF
                && SAYS_OFF.matcher(status.tail()).find();
    }

    /** Asks one device how it is, switching nothing. */
    public FenceCheckReply check(FenceCheckOrder order) throws InterruptedException {
        long begin = clock.monotonicNanos();
        Duration timeout = order.hasTimeout() ? Durations.of(order.getTimeout()) : DEFAULT_TIMEOUT;
        FenceCheckReply.Builder reply = FenceCheckReply.newBuilder().setId(order.getId());
        try {
            Call call = prepare(order.getDevice());
            ProcessResult status = run(call, "status", timeout);
            boolean on = !status.timedOut() && status.exitCode() == ExitCodes.OK;
            boolean known = on || saysOff(status);
            reply.setOk(known)
                    .setPower(known ? (on ? "on" : "off") : "unknown")
                    .setMessage(
                            known
                                    ? ""
                                    : ExitCodes.name(status.exitCode()) + ": " + shorten(call.redact(status.tail())));
        } catch (RefusedException | IOException e) {
            reply.setOk(false).setPower("unknown").setMessage(String.valueOf(e.getMessage()));
        }
        return reply.setTook(Durations.toProto(Duration.ofNanos(clock.monotonicNanos() - begin)))
                .build();
    }

    private record Call(Path agent, Map<String, String> options, List<String> secrets) {
        String stdin(String action) {
            StringBuilder text = new StringBuilder("action=").append(action).append('\n');
            options.forEach(
                    (name, value) -> text.append(name).append('=').append(value).append('\n'));
            return text.toString();
        }

        String redact(String text) {
            String redacted = text;
            for (String secret : secrets) {
                redacted = redacted.replace(secret, "***");
            }
            return redacted;
        }
    }

    private Call prepare(FenceDeviceCall device) {
        if (!device.getType().startsWith("fence_")) {
            throw new RefusedException("not a fence agent: '" + device.getType() + "'");
        }
        Path agent = PathSafety.program(agents, device.getType());
        Map<String, String> options = new TreeMap<>();
        device.getParamsMap().forEach((name, value) -> options.put(option(name), Texts.checkedValue(name, value)));
        List<String> secrets = new ArrayList<>();
        device.getSecretParamsMap().forEach((name, reference) -> {
            String secret = Secrets.read(reference);
            options.put(option(name), secret);
            if (!secret.isEmpty()) {
                secrets.add(secret);
            }
        });
        return new Call(agent, options, secrets);
    }

    private static String option(String name) {
        if (name.equals("action") || name.equals("option")) {
            throw new RefusedException("the action of a fence device is not a parameter");
        }
        return Texts.checkedParameter(name);
    }

    private ProcessResult run(Call call, String action, Duration timeout) throws IOException, InterruptedException {
        Path output = Files.createTempFile(scratch, "fence-", ".out");
        try {
            ProcessSpec spec = ProcessSpec.of(
                            List.of(call.agent().toString()), Map.of(), timeout, Optional.empty(), output)
                    .withStdin(call.stdin(action));
            return runner.run(spec, started -> {});
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private FenceDeviceResult result(FenceDeviceCall device, int code, boolean off, String text, long begin) {
        return FenceDeviceResult.newBuilder()
                .setDevice(device.getDevice())
                .setExitCode(code)
                .setOffReadBack(off)
                .setOutputTail(shorten(text))
                .setTook(Durations.toProto(Duration.ofNanos(clock.monotonicNanos() - begin)))
                .build();
    }

    private static String shorten(String text) {
        return text.length() <= TAIL_CHARACTERS ? text : text.substring(text.length() - TAIL_CHARACTERS);
    }
}
