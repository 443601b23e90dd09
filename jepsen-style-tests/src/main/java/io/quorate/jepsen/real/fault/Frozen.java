package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Host;

/** Every process of a host stands still at once, as in a virtual machine that is suspended; its kernel answers. */
final class Frozen extends HostFault {
    private boolean wasFrozen;

    Frozen(Role role) {
        super(role);
    }

    @Override
    void fire(Ground ground, Host host) {
        host.pause();
        wasFrozen = true;
    }

    @Override
    String evidence(Ground ground, Host host) {
        return wasFrozen ? "its cgroup is frozen" : "";
    }

    @Override
    void heal(Ground ground, Host host) {
        host.unpause();
    }
}
