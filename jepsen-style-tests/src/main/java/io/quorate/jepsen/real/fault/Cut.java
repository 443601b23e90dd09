package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.LabException;
import io.quorate.e2e.lab.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Packets between hosts are dropped or refused where they arrive; which ones is said for each host by rules of nft. */
final class Cut implements Fault {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Role role;
    private final Shape shape;
    private final String table = "fault" + NUMBER.incrementAndGet();
    private final List<Host> cut = new ArrayList<>();

    /** Which packets. */
    enum Shape {
        /** The host hears nothing of one other host, which hears it. */
        ONE_WAY,
        /** The host and one other host do not hear each other. */
        BOTH_WAYS,
        /** The host and all others do not hear each other. */
        MINORITY,
        /** Each host hears only one other one. */
        RING,
        /** Of what the host and the others send to each other 30 of 100 packets are lost. */
        LOSS,
        /** Connections of the host with others are reset. */
        RESET
    }

    Cut(Role role, Shape shape) {
        this.role = role;
        this.shape = shape;
    }

    @Override
    public String fire(Ground ground) {
        Host host = ground.take(role);
        cut.add(host);
        List<Host> others = new ArrayList<>(ground.others(host));
        // two followers have little to say to each other, and a host on which something is down says nothing
        others.sort(Comparator.comparing(other -> !Ground.isWhole(other)));
        ground.status()
                .flatMap(ground::leader)
                .filter(Ground::isWhole)
                .filter(others::remove)
                .ifPresent(leader -> others.add(0, leader));
        switch (shape) {
            case ONE_WAY -> add(ground, host, others.get(0), "drop");
            case BOTH_WAYS -> both(ground, host, others.get(0), "drop");
            case MINORITY -> others.forEach(other -> both(ground, host, other, "drop"));
            case RING -> {
                add(ground, host, others.get(0), "drop");
                add(ground, others.get(0), others.get(1), "drop");
                add(ground, others.get(1), host, "drop");
            }
            case LOSS ->
                others.forEach(other -> {
                    for (Host[] pair : new Host[][] {{host, other}, {other, host}}) {
                        rule(ground, pair[0], pair[1], "numgen random mod 100 < 30", "drop");
                    }
                });
            case RESET ->
                others.forEach(other -> {
                    rule(ground, host, other, "meta l4proto tcp", "reject with tcp reset");
                    rule(ground, other, host, "meta l4proto tcp", "reject with tcp reset");
                });
        }
        return shape == Shape.ONE_WAY || shape == Shape.BOTH_WAYS
                ? host.name() + "-" + others.get(0).name()
                : host.name();
    }

    private void both(Ground ground, Host one, Host other, String verdict) {
        add(ground, one, other, verdict);
        add(ground, other, one, verdict);
    }

    private void add(Ground ground, Host at, Host from, String verdict) {
        rule(ground, at, from, "", verdict);
    }

    private void rule(Ground ground, Host at, Host from, String match, String verdict) {
        Network network = ground.lab().network();
        boolean done = network.filter(
                at.name(),
                ("add table inet %1$s; add chain inet %1$s in "
                                + "{ type filter hook input priority 0; }; add rule inet %1$s in ip saddr %2$s %3$s counter %4$s")
                        .formatted(table, from.address(), match, verdict));
        if (!done && at.hasPower()) {
            throw new LabException("nft refuses the rules at " + at.name());
        }
    }

    @Override
    public String evidence(Ground ground) {
        long packets = ground.lab().hosts().stream()
                .filter(Host::hasPower)
                .mapToLong(host -> ground.lab().network().counted(host.name(), table))
                .sum();
        return packets > 0 ? packets + " packets" : "";
    }

    @Override
    public void heal(Ground ground) {
        for (Host host : ground.lab().hosts()) {
            boolean unused = ground.lab().network().filter(host.name(), "delete table inet " + table);
        }
        cut.forEach(ground::give);
    }
}
