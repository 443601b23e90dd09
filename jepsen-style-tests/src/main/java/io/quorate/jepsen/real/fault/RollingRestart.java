package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.LabException;
import java.time.Duration;

/** All servers, or all agents, are restarted one at a time, each when the one before is ready again, as an upgrade does. */
final class RollingRestart implements Fault {
    private static final Duration BACK = Duration.ofSeconds(60);

    private final String service;
    private int restarted;

    RollingRestart(String service) {
        this.service = service;
    }

    @Override
    public String fire(Ground ground) {
        for (Host host : ground.lab().hosts()) {
            host.daemon(service).ifPresent(daemon -> restart(ground, host, daemon));
        }
        return "all";
    }

    private void restart(Ground ground, Host host, Daemon daemon) {
        ground.units().hold(host, service);
        try {
            daemon.stop();
        } catch (LabException e) {
            if (daemon.isAlive()) {
                throw e;
            }
        } finally {
            ground.units().release(host, service);
        }
        restarted++;
        // another fault may have the host meanwhile: then the next one is not waited for any longer
        boolean unused = Await.within(BACK, () -> isReady(ground, host, daemon));
    }

    private boolean isReady(Ground ground, Host host, Daemon former) {
        boolean runs =
                host.daemon(service).filter(daemon -> !daemon.equals(former)).isPresent();
        if (!runs) {
            return !host.isHealthy();
        }
        try {
            return service.equals(Ground.SERVER)
                    ? Ground.page(host, "/readyz").output().startsWith("HTTP/1.1 200")
                    : ground.quorate(host, "wait", "node/" + host.name() + ":up", "--timeout", "5s", "--no-progress")
                            .ok();
        } catch (LabException e) {
            return !host.isHealthy();
        }
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
