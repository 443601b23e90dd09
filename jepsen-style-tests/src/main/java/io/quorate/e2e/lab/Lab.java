package io.quorate.e2e.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Three hosts n1, n2, n3 on one Ethernet segment, their power switch, and a place for a client. Closing it ends every process
 * and takes away every namespace; the directory is the caller's.
 */
public final class Lab implements AutoCloseable {
    /** Name of the client's place on the network. */
    public static final String CLIENT = "c";

    /** Directory of the logs that tell which kernel held the floating address. */
    public static final String ADDRESS_SIGHTS = "address";

    /** Directory of the logs that tell where a web server listened. */
    public static final String WEB_SIGHTS = "web";

    /** The same of the address that is for what a case adds. */
    public static final String OTHER_ADDRESS_SIGHTS = "other-address";

    /** The same of the web server that a case adds. */
    public static final String OTHER_WEB_SIGHTS = "other-web";

    /** What the watchers look for, an address or a port, by the directory of the logs. */
    static final Map<String, String> SIGHTS = Map.of(
            ADDRESS_SIGHTS,
            Network.FLOATING_ADDRESS,
            WEB_SIGHTS,
            Integer.toString(Network.WEB_PORT),
            OTHER_ADDRESS_SIGHTS,
            Network.OTHER_ADDRESS,
            OTHER_WEB_SIGHTS,
            Integer.toString(Network.OTHER_WEB_PORT));

    private static final int HOSTS = 3;
    private static final int CLIENT_NUMBER = 200;
    private static final String SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Path directory;
    private final Path product;
    private final Path cgroup;
    private final Network network;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final PowerSwitch power;
    private final Set<String> sights = new ConcurrentSkipListSet<>();
    private volatile Consumer<Host> onBoot = host -> {};
    private volatile Function<Host, List<String>> daemonEnvironment = host -> List.of();

    /**
     * Makes the segment and the hosts; none is on yet.
     *
     * @param directory of this lab alone: disks and logs
     * @param product where the launcher "quorate" is, in front of the hosts' PATH
     * @param cgroup a version 2 cgroup of this run
     * @param prefix of the names of namespaces
     */
    public Lab(Path directory, Path product, Path cgroup, String prefix) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.product = product;
        this.cgroup = cgroup;
        Files.createDirectories(directory.resolve("fence"));
        addSight("witness");
        for (String sight : SIGHTS.keySet()) {
            addSight(sight);
        }
        copy("host-init", directory.resolve("host-init"));
        copy("witness", directory.resolve("witness").resolve("witness"));
        copy("watcher", directory.resolve("watcher"));
        copy("nginx.conf", directory.resolve("nginx.conf"));
        Files.write(directory.resolve("hosts"), names());
        copy("fence_e2e", directory.resolve("fence").resolve("fence_ipmilan"));
        this.network = new Network(prefix);
        network.attach(CLIENT, CLIENT_NUMBER);
        for (int number = 1; number <= HOSTS; number++) {
            Host host = new Host(this, network, "n" + number, number);
            hosts.put(host.name(), host);
        }
        this.power = new PowerSwitch(directory.resolve("power"), hosts);
    }

    private void copy(String resource, Path file) throws IOException {
        try (InputStream source = Lab.class.getResourceAsStream(resource)) {
            if (source == null) {
                throw new IOException("no resource " + resource);
            }
            String text = new String(source.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            Files.writeString(
                    file, text.replace("@POWER@", directory.resolve("power").toString()));
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The hosts' /etc/hosts: replicas find each other by the names of their nodes. */
    private static List<String> names() {
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
        for (int number = 1; number <= HOSTS; number++) {
            lines.add(Network.SUBNET + number + " n" + number);
        }
        return lines;
    }

    /** Further words NAME=VALUE of the environment of a host's daemons, as its units would have. */
    public void daemonEnvironment(Function<Host, List<String>> words) {
        daemonEnvironment = words;
    }

    List<String> daemonEnvironment(Host host) {
        return daemonEnvironment.apply(host);
    }

    /** What is done to a host's disk before it boots: its new boot id is written there. */
    public void onBoot(Consumer<Host> action) {
        onBoot = action;
    }

    void onBoot(Host host) {
        onBoot.accept(host);
    }

    public Path directory() {
        return directory;
    }

    /** A directory for the logs of a further witness. */
    public Path addSight(String name) throws IOException {
        sights.add(name);
        return Files.createDirectories(directory.resolve(name));
    }

    /** Directories of the logs of all that tell what ran where. */
    public Set<String> sights() {
        return Set.copyOf(sights);
    }

    /** A file of the lab that every host sees. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    Path cgroup() {
        return cgroup;
    }

    String path() {
        return product + ":" + SYSTEM_PATH;
    }

    public List<Host> hosts() {
        return List.copyOf(hosts.values());
    }

    public Host host(String name) {
        Host host = hosts.get(name);
        if (host == null) {
            throw new LabException("no host " + name);
        }
        return host;
    }

    public PowerSwitch power() {
        return power;
    }

    public Network network() {
        return network;
    }

    @Override
    public void close() throws IOException {
        hosts.values().forEach(Host::unpause);
        hosts.values().forEach(Host::powerOff);
        power.close();
        network.close();
    }
}
