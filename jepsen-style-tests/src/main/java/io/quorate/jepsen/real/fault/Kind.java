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
    private static final long AHEAD_SECONDS = 3_600;
    /** Less than what certificates are dated back: before that they are not valid yet. */
    private static final long BACK_SECONDS = 200;

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
            new Kind("agent-in-start", AgentKilledInStart::new),
            new Kind("clock-ahead", role -> new ClockJump(role, AHEAD_SECONDS)),
            new Kind("clock-back", role -> new ClockJump(role, -BACK_SECONDS)),
            new Kind("disk-full", DiskFull::new),
            new Kind("slow-fsync", role -> new FsyncFault(role, "sleep 300")),
            new Kind("failing-fsync", role -> new FsyncFault(role, "fail")),
            new Kind("rolling-servers", role -> new RollingRestart(Ground.SERVER)),
            new Kind("rolling-agents", role -> new RollingRestart(Ground.AGENT)));

    /** One occurrence of it. */
    public Fault make(Role role) {
        return maker.apply(role);
    }

    @Override
    public String toString() {
        return word;
    }
}
