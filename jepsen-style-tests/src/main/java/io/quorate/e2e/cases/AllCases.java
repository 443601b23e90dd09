package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Host;
import java.util.List;

/** Every case, in the order in which they run. */
public final class AllCases {
    private AllCases() {}

    public static List<Case> list() {
        return List.of(
                new OwnerLost("a", "power loss of the owner", false, AllCases::powerOff),
                new OwnerLost(
                        "a2",
                        "every process of the owner killed, its kernel answers",
                        false,
                        (scene, owner) -> owner.killProcesses()),
                new OwnerLost("b", "link of the owner unplugged", false, (scene, owner) -> owner.unplug()),
                new OwnerLost("c", "owner paused", false, (scene, owner) -> owner.pause()),
                new ServiceCrash(),
                new LeaderKilled(),
                new OwnerLost("f", "power loss of the owner that also leads", true, AllCases::powerOff),
                new DrainAndBack(),
                new NoFenceDevice(),
                new DiskWiped(),
                new AllOff(),
                new AgentKilled(),
                new ServersStopped(),
                new FenceDeviceFails(),
                new Promoted(),
                new Imported(),
                new Replicated(),
                new LiveMigration(),
                new Restored(),
                new OldDisk());
    }

    private static void powerOff(Scene scene, Host host) {
        host.powerOff();
    }
}
