package io.quorate.e2e.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Ethernet segment of its own: a bridge in a namespace, and a namespace with a cable to it for each host. All names begin
 * with this run's prefix.
 */
public final class Network implements AutoCloseable {
    /** Where hosts, the client and the floating address are. */
    public static final String SUBNET = "10.77.0.";

    /** The floating address of the service. */
    public static final String FLOATING_ADDRESS = SUBNET + "50";

    /** Where the service's web server listens. */
    public static final int WEB_PORT = 80;

    /** Another floating address, for what a case adds. */
    public static final String OTHER_ADDRESS = SUBNET + "77";

    /** Where a web server listens that a case adds. */
    public static final int OTHER_WEB_PORT = 8080;

    private static final Pattern PACKETS = Pattern.compile("counter packets (\\d+)");

    private final String prefix;
    private final String bridge;

    /** Makes the segment. */
    public Network(String prefix) {
        this.prefix = prefix;
        this.bridge = prefix + "sw";
        Commands.must("ip", "netns", "add", bridge);
        Commands.must("ip", "-n", bridge, "link", "add", "br0", "type", "bridge");
        Commands.must("ip", "-n", bridge, "link", "set", "br0", "up");
    }

    /** The namespace of a host. */
    public String namespace(String host) {
        return prefix + host;
    }

    private String port(String host) {
        return prefix + host;
    }

    /** Makes the host's namespace, plugged in, with this last number of its address. */
    public void attach(String host, int number) {
        detach(host);
        String namespace = namespace(host);
        Commands.must("ip", "netns", "add", namespace);
        Commands.must(
                "ip",
                "link",
                "add",
                port(host),
                "netns",
                bridge,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                namespace);
        Commands.must("ip", "-n", namespace, "addr", "add", SUBNET + number + "/24", "dev", "eth0");
        Commands.must("ip", "-n", namespace, "link", "set", "eth0", "up");
        Commands.must("ip", "-n", namespace, "link", "set", "lo", "up");
        Commands.must("ip", "-n", bridge, "link", "set", port(host), "master", "br0", "up");
    }

    /** Takes the namespace away, with every address that its kernel still had. */
    public void detach(String host) {
        if (Commands.run("ip", "-n", bridge, "link", "del", port(host)).ok() || exists(namespace(host))) {
            Commands.run("ip", "netns", "del", namespace(host));
        }
    }

    private static boolean exists(String namespace) {
        return Commands.must("ip", "netns", "list")
                .output()
                .lines()
                .anyMatch(line -> line.equals(namespace) || line.startsWith(namespace + " "));
    }

    /** Pulls the cable. */
    public void unplug(String host) {
        Commands.must("ip", "-n", bridge, "link", "set", port(host), "down");
    }

    public void plug(String host) {
        Commands.must("ip", "-n", bridge, "link", "set", port(host), "up");
    }

    /**
     * Runs commands of nft in the host's network; false when it refuses them, as when the host was switched off meanwhile and
     * its rules are gone with its kernel.
     */
    public boolean filter(String host, String commands) {
        return runInside(host, List.of("nft", commands)).ok();
    }

    /** Packets that the rules of a table have counted; 0 when it is gone. */
    public long counted(String host, String table) {
        Matcher packets = PACKETS.matcher(
                runInside(host, List.of("nft", "list", "table", "inet", table)).output());
        long sum = 0;
        while (packets.find()) {
            sum += Long.parseLong(packets.group(1));
        }
        return sum;
    }

    /** Runs a command in the host's network, and nowhere else of it. */
    public Commands.Result runInside(String host, List<String> command) {
        List<String> words = new ArrayList<>(inside(host));
        words.addAll(command);
        return Commands.run(Duration.ofMinutes(1), words);
    }

    /** The command as it must be written to run in the host's network, but nowhere else. */
    public List<String> inside(String host) {
        return List.of("ip", "netns", "exec", namespace(host));
    }

    @Override
    public void close() {
        Commands.must("ip", "netns", "list")
                .output()
                .lines()
                .map(line -> line.split(" ", 2)[0])
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> Commands.run("ip", "netns", "del", name));
    }
}
