package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.LabException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A person hands the leadership to another server. */
final class LeadHandedOver implements Fault {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Role role;
    private @Nullable Host target;

    LeadHandedOver(Role role) {
        this.role = role;
    }

    @Override
    public String fire(Ground ground) {
        Host host = ground.take(role);
        target = host;
        String[] to = {host.name()};
        String[] last = {"it was not asked"};
        Await.until(() -> "somebody else can be handed the leadership: " + last[0], LIMIT, () -> {
            to[0] = ground.status()
                    .flatMap(ground::leader)
                    .filter(host::equals)
                    .map(leader -> ground.others(leader).get(0).name())
                    .orElse(host.name());
            try {
                Commands.Result result = ground.quorate(host, "member", "lead", to[0], "--timeout", "15s");
                last[0] = result.describe();
                return result.ok();
            } catch (LabException e) {
                // another host has fenced it meanwhile
                last[0] = String.valueOf(e.getMessage());
                return false;
            }
        });
        return to[0];
    }

    @Override
    public String evidence(Ground ground) {
        return "the command said that it leads";
    }

    @Override
    public void heal(Ground ground) {
        Host host = target;
        if (host != null) {
            ground.give(host);
        }
    }
}
