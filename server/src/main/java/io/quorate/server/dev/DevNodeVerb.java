package io.quorate.server.dev;

import io.quorate.client.Endpoint;
import io.quorate.client.cli.CliContext;
import io.quorate.client.cli.ExitCodes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate dev kill|pause|heal NODE}: what happens to a node of a running dev cluster. */
@Command
abstract class DevNodeVerb implements Callable<Integer> {
    private final CliContext context;

    @Parameters(paramLabel = "NODE", description = "n1, n2, …")
    private String node = "";

    @Option(names = "--port-base", defaultValue = "7400", description = "Which dev cluster (default: ${DEFAULT-VALUE})")
    private int portBase = 7400;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the dev cluster lives, when it was started with --dir")
    private @Nullable Path dir;

    DevNodeVerb(CliContext context) {
        this.context = context;
    }

    @Override
    public final Integer call() throws IOException, InterruptedException {
        try {
            DevLayout layout = DevLayout.read(DevLayout.home(dir, portBase));
            context.out().println(act(layout, new DevPower(layout), layout.checkNode(node)));
            return ExitCodes.OK;
        } catch (IOException e) {
            context.err().println("error: " + e.getMessage());
            return ExitCodes.ERROR;
        }
    }

    /** Does it, and says what was done. */
    abstract String act(DevLayout layout, DevPower power, String name) throws IOException, InterruptedException;

    final CliContext context() {
        return context;
    }

    /** The command that brings the node back, for the cluster that this one was about. */
    final String healing(String name) {
        String which =
                dir != null ? " --dir " + dir : portBase == Endpoint.DEFAULT_PORT ? "" : " --port-base " + portBase;
        return "quorate dev heal " + name + which;
    }

    /** Power loss: every process of the node is killed at once. */
    @Command(description = "Power loss: kill every process of a node at once, what it runs too.")
    static final class Kill extends DevNodeVerb {
        Kill(CliContext context) {
            super(context);
        }

        @Override
        String act(DevLayout layout, DevPower power, String name) throws IOException, InterruptedException {
            int alive = power.processes(name).size();
            power.off(name);
            return name + " is off: " + alive + " processes killed · bring it back with: " + healing(name);
        }
    }

    /** The node stops where it is, and knows nothing of it afterwards. */
    @Command(description = "Freeze every process of a node.")
    static final class Pause extends DevNodeVerb {
        Pause(CliContext context) {
            super(context);
        }

        @Override
        String act(DevLayout layout, DevPower power, String name) throws IOException, InterruptedException {
            int paused = power.signal(name, "STOP");
            return paused == 0
                    ? name + " is off: nothing to pause"
                    : name + " is paused: " + paused + " processes · let it go on with: " + healing(name);
        }
    }

    /** Pulled cables: the node and the others no longer hear each other. */
    @Command(description = "Cut a node from the others: both sides go on, and hear nothing of each other.")
    static final class Cut extends DevNodeVerb {
        Cut(CliContext context) {
            super(context);
        }

        @Override
        String act(DevLayout layout, DevPower power, String name) throws IOException {
            DevLinks.cut(layout, name);
            return name + " is cut from the others · mend it with: " + healing(name);
        }
    }

    /** A paused node goes on, a cut one is connected again; one that is off is switched on, with a boot of its own. */
    @Command(description = "Let a paused node go on, connect one that was cut, or switch one on that is off.")
    static final class Heal extends DevNodeVerb {
        Heal(CliContext context) {
            super(context);
        }

        @Override
        String act(DevLayout layout, DevPower power, String name) throws IOException, InterruptedException {
            boolean connected = DevLinks.heal(layout, name);
            int alive = power.signal(name, "CONT");
            if (alive > 0) {
                return name + (connected ? " is connected again: " : " goes on: ") + alive + " processes";
            }
            DevNodes nodes = new DevNodes(layout, DevSupport.launcher(context()));
            return DevReady.switchOn(layout, power, nodes, name)
                    ? name + " is on again, and up"
                    : name + " is on again; the cluster does not count it as up yet: " + layout.statusCommand();
        }
    }
}
