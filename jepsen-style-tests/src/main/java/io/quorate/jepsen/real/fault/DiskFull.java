package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A host's disk is full; later there is room again, and somebody starts what has stopped. */
final class DiskFull extends HostFault {
    private static final Duration CALL = Duration.ofSeconds(30);
    private boolean full;

    DiskFull(Role role) {
        super(role);
    }

    private static Path filler(Host host) {
        return host.var().resolve("filler");
    }

    @Override
    void fire(Ground ground, Host host) {
        ground.units().mayStop(host);
        // until nothing more is taken, also of what the daemons give back
        full = !Commands.run(CALL, List.of("dd", "if=/dev/zero", "of=" + filler(host), "bs=64k", "status=none"))
                .ok();
    }

    @Override
    String evidence(Ground ground, Host host) {
        return full ? "nothing more was taken" : "";
    }

    @Override
    void heal(Ground ground, Host host) {
        try {
            Files.deleteIfExists(filler(host));
        } catch (IOException e) {
            throw new LabException("cannot make room on the disk of " + host.name(), e);
        }
        ground.units().startStopped(host);
    }
}
