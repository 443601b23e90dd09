package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import java.time.Duration;

/** Servers and agents are restarted one at a time, as an upgrade does. */
final class RollingRestart implements Fault {
    private static final Duration BACK = Duration.ofSeconds(30);
    private int restarted;

    @Override
    public String fire(Ground ground) {
        for (String service : new String[] {Ground.SERVER, Ground.AGENT}) {
            for (Host host : ground.lab().hosts()) {
                host.daemon(service).ifPresent(daemon -> restart(ground, host, service, daemon));
            }
        }
        return "all";
    }

    private void restart(Ground ground, Host host, String service, Daemon daemon) {
        ground.units().hold(host, service);
        daemon.stop();
        ground.units().release(host, service);
        restarted++;
        Await.until(
                "the " + service + " of " + host.name() + " is back",
                BACK,
                () -> host.daemon(service)
                        .filter(other -> !other.equals(daemon))
                        .isPresent());
        Await.pause(Duration.ofSeconds(1).toMillis());
    }

    @Override
    public String evidence(Ground ground) {
        return restarted > 0 ? restarted + " restarts" : "";
    }

    @Override
    public void heal(Ground ground) {
        // nothing is left
    }
}
