package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Host;
import io.quorate.jepsen.real.fault.Equipment.Part;

/** The wall clock of a host jumps, and later back; the monotonic clock goes on. */
final class ClockJump extends HostFault {
    private final long seconds;

    ClockJump(Role role, long seconds) {
        super(role);
        this.seconds = seconds;
    }

    @Override
    void fire(Ground ground, Host host) {
        Part.CLOCK.say(ground.lab(), host, Long.toString(seconds));
    }

    @Override
    String evidence(Ground ground, Host host) {
        return Part.CLOCK.wasDone(ground.lab(), host)
                ? "a daemon was told a time that is off by " + seconds + " s"
                : "";
    }

    @Override
    void heal(Ground ground, Host host) {
        Part.CLOCK.beSilent(ground.lab(), host);
    }
}
