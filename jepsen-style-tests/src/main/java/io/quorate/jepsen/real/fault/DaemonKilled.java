package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Daemon;
import io.quorate.e2e.lab.Host;

/** A server or an agent is killed (KILL), and started again when the fault is over. */
final class DaemonKilled extends HostFault {
    private final String service;

    DaemonKilled(Role role, String service) {
        super(role);
        this.service = service;
    }

    @Override
    void fire(Ground ground, Host host) {
        ground.units().hold(host, service);
        host.daemon(service).ifPresent(Daemon::kill);
    }

    @Override
    String evidence(Ground ground, Host host) {
        return host.daemon(service).isPresent() ? "" : "the " + service + " does not run";
    }

    @Override
    void heal(Ground ground, Host host) {
        ground.units().release(host, service);
    }
}
