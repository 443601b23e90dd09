package io.quorate.server.dev;

import io.quorate.client.cli.VerbEntry;
import java.util.List;

/** The verbs of this package. */
public final class DevVerbs {
    private DevVerbs() {}

    public static List<VerbEntry> all() {
        return List.of(
                new VerbEntry("dev", "a cluster on loopback, to try things", DevVerb::new),
                new VerbEntry("dev kill", "power loss of a node of the dev cluster", DevNodeVerb.Kill::new),
                new VerbEntry("dev pause", "freeze a node of the dev cluster", DevNodeVerb.Pause::new),
                new VerbEntry("dev cut", "cut a node of the dev cluster from the others", DevNodeVerb.Cut::new),
                new VerbEntry("dev heal", "bring a node of the dev cluster back", DevNodeVerb.Heal::new),
                new VerbEntry(
                        "dev warm-up", "load the classes of a server and an agent, for the launcher", WarmUpVerb::new),
                new VerbEntry("example-server", "a small HTTP server for the examples", ExampleServer::new));
    }
}
