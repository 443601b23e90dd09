package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Host;
import io.quorate.jepsen.real.fault.Equipment.Part;

/** What the daemons of a host want on the disk takes long to get there, or does not for certain. */
final class FsyncFault extends HostFault {
    private final String what;

    /**
     * Of any kind.
     *
     * @param what as machine.c reads it
     */
    FsyncFault(Role role, String what) {
        super(role);
        this.what = what;
    }

    @Override
    void fire(Ground ground, Host host) {
        ground.units().mayStop(host);
        Part.FSYNC.say(ground.lab(), host, what);
    }

    @Override
    String evidence(Ground ground, Host host) {
        return Part.FSYNC.wasDone(ground.lab(), host) ? "fsync was told: " + what : "";
    }

    @Override
    void heal(Ground ground, Host host) {
        Part.FSYNC.beSilent(ground.lab(), host);
        ground.units().startStopped(host);
    }
}
