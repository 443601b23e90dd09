package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Host;
import org.jspecify.annotations.Nullable;

/** A fault of one host, which no other such fault has at the same time. */
abstract class HostFault implements Fault {
    private final Role role;
    private @Nullable Host target;

    HostFault(Role role) {
        this.role = role;
    }

    abstract void fire(Ground ground, Host host);

    abstract String evidence(Ground ground, Host host);

    abstract void heal(Ground ground, Host host);

    @Override
    public final String fire(Ground ground) {
        Host host = ground.take(role);
        target = host;
        fire(ground, host);
        return host.name();
    }

    @Override
    public final String evidence(Ground ground) {
        Host host = target;
        return host == null ? "" : evidence(ground, host);
    }

    @Override
    public final void heal(Ground ground) {
        Host host = target;
        if (host != null) {
            heal(ground, host);
            ground.give(host);
        }
    }
}
