package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Host;

/** A host loses its power: every process at once, and its kernel. */
final class PowerLoss extends HostFault {
    PowerLoss(Role role) {
        super(role);
    }

    @Override
    void fire(Ground ground, Host host) {
        ground.units().hold(host);
        host.powerOff();
    }

    @Override
    String evidence(Ground ground, Host host) {
        return host.hasPower() ? "" : "it has no power";
    }

    @Override
    void heal(Ground ground, Host host) {
        ground.units().release(host);
        host.powerOn();
    }
}
