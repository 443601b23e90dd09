package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.LabException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host can send only little in a second. */
final class SlowLink extends HostFault {
    private static final Pattern OVER = Pattern.compile("overlimits (\\d+)");

    SlowLink(Role role) {
        super(role);
    }

    @Override
    void fire(Ground ground, Host host) {
        Commands.Result result =
                tc(ground, host, "tc qdisc add dev eth0 root tbf rate 1mbit burst 32kbit latency 400ms");
        if (!result.ok() && host.hasPower()) {
            throw new LabException(result.describe());
        }
    }

    private static Commands.Result tc(Ground ground, Host host, String command) {
        return ground.lab().network().runInside(host.name(), List.of(command.split(" ", -1)));
    }

    @Override
    String evidence(Ground ground, Host host) {
        Matcher over =
                OVER.matcher(tc(ground, host, "tc -s qdisc show dev eth0").output());
        return over.find() && !over.group(1).equals("0") ? over.group(1) + " packets had to wait" : "";
    }

    @Override
    void heal(Ground ground, Host host) {
        Commands.Result unused = tc(ground, host, "tc qdisc del dev eth0 root");
    }
}
