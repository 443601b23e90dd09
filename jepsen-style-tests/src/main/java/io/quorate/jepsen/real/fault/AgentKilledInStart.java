package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** An agent is killed (KILL) while it starts a service, whose start takes two seconds; it is back at once. */
final class AgentKilledInStart implements Fault {
    /** Whose first member takes its time. */
    private static final String SLOW_SERVICE = "slow";

    private static final String START = "heartbeat/Delay\0start";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Role role;
    private String killed = "";

    AgentKilledInStart(Role role) {
        this.role = role;
    }

    @Override
    public String fire(Ground ground) {
        Host asked = ground.take(role);
        ground.give(asked);
        String[] last = {"it was not asked"};
        Await.until(() -> "a start of " + SLOW_SERVICE + ": " + last[0], LIMIT, () -> {
            Commands.Result result = ground.quorate(asked, "restart", SLOW_SERVICE, "--no-wait", "--timeout", "15s");
            last[0] = result.describe();
            return result.ok() && Await.within(LIMIT.dividedBy(2), () -> killStarter(ground));
        });
        return killed;
    }

    private boolean killStarter(Ground ground) {
        for (Host host : ground.lab().hosts()) {
            Optional<Daemon> agent = host.daemon(Ground.AGENT);
            if (agent.isPresent() && host.processes().stream().anyMatch(AgentKilledInStart::isStart)) {
                agent.get().kill();
                killed = host.name();
                return true;
            }
        }
        return false;
    }

    private static boolean isStart(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .contains(START);
        } catch (IOException e) {
            // it ended in this moment
            return false;
        }
    }

    @Override
    public String evidence(Ground ground) {
        return killed.isEmpty() ? "" : "the agent of " + killed + " was killed while " + SLOW_SERVICE + " started";
    }

    @Override
    public void heal(Ground ground) {
        // its unit starts it again
    }
}
