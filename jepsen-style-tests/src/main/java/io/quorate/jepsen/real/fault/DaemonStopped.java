package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A server or an agent stands still (STOP) and goes on later (CONT), without having been told. */
final class DaemonStopped extends HostFault {
    private final String service;
    private @Nullable Daemon daemon;

    DaemonStopped(Role role, String service) {
        super(role);
        this.service = service;
    }

    @Override
    void fire(Ground ground, Host host) {
        Daemon found = host.daemon(service).orElseThrow(() -> new LabException("no " + service + " to stop"));
        daemon = found;
        found.pause();
    }

    @Override
    String evidence(Ground ground, Host host) {
        Daemon stopped = daemon;
        if (stopped == null || !stopped.isAlive()) {
            return "";
        }
        try {
            String status = Files.readString(Path.of("/proc", Long.toString(stopped.pid()), "status"));
            return status.contains("State:\tT") ? "the " + service + " stands still" : "";
        } catch (IOException e) {
            // fenced in this moment
            return "";
        }
    }

    @Override
    void heal(Ground ground, Host host) {
        Daemon stopped = daemon;
        if (stopped != null && stopped.isAlive()) {
            try {
                stopped.unpause();
            } catch (LabException e) {
                if (stopped.isAlive()) {
                    throw e;
                }
            }
        }
    }
}
