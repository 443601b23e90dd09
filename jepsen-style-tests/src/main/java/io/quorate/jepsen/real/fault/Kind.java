package io.quorate.jepsen.real.fault;

import java.util.List;
import java.util.function.Function;

/**
 * A kind of fault.
 *
 * @param word as people write it
 * @param maker of one occurrence of it, to the host with a role
 */
public record Kind(String word, Function<Role, Fault> maker) {
    /** The nemesis' catalogue. */
    public static final List<Kind> ALL = List.of(
            new Kind("power", PowerLoss::new),
            new Kind("kill-server", role -> new DaemonKilled(role, Ground.SERVER)),
            new Kind("kill-agent", role -> new DaemonKilled(role, Ground.AGENT)),
            new Kind("stop-server", role -> new DaemonStopped(role, Ground.SERVER)),
            new Kind("stop-agent", role -> new DaemonStopped(role, Ground.AGENT)),
            new Kind("freeze", Frozen::new),
            new Kind("cut-one-way", role -> new Cut(role, Cut.Shape.ONE_WAY)),
            new Kind("cut-both", role -> new Cut(role, Cut.Shape.BOTH_WAYS)),
            new Kind("cut-minority", role -> new Cut(role, Cut.Shape.MINORITY)),
            new Kind("cut-ring", role -> new Cut(role, Cut.Shape.RING)),
            new Kind("loss", role -> new Cut(role, Cut.Shape.LOSS)),
            new Kind("reset", role -> new Cut(role, Cut.Shape.RESET)),
            new Kind("slow-link", SlowLink::new),
            new Kind("lead", LeadHandedOver::new),
            new Kind("rolling", role -> new RollingRestart()));

    /** One occurrence of it. */
    public Fault make(Role role) {
        return maker.apply(role);
    }

    @Override
    public String toString() {
        return word;
    }
}
