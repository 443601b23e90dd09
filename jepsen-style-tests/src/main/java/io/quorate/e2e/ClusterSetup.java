package io.quorate.e2e;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import io.quorate.e2e.lab.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings up three hosts by the blocks of docs/operators-guide.md, "Three hosts", as they stand there: n1, n2 and n3 have the
 * guide's names and addresses. Only what hosts without systemd and ssh cannot do is done for them, and what the guide leaves open
 * is filled in.
 */
public final class ClusterSetup {
    static final String FENCE_DEVICE = "power";

    private static final Duration CALL = Duration.ofMinutes(3);
    private static final Duration UP = Duration.ofMinutes(3);
    private static final String ETC = "/etc/quorate/";
    private static final String AGENT_FILE = ETC + "agent.yaml";
    private static final String CLIENT_FILE = ETC + "client.yaml";
    private static final String FENCING_FILE = ETC + "fencing.yaml";
    private static final String SERVICE_FILE = ETC + "front.yaml";
    private static final Pattern COPY = Pattern.compile("scp -pr (\\S+) ([0-9.]+):(\\S+)");
    private static final Pattern SERVICE = Pattern.compile("systemctl (?:enable --now|start) quorate-([a-z]+)");
    private static final Pattern START = Pattern.compile("ExecStart=/usr/local/bin/(quorate .+)");
    /** What waits for a server cannot reach one that has only just been started. */
    private static final String WAIT = "quorate wait ";

    private final Lab lab;
    private final Guide guide;
    private final Cluster cluster;

    public ClusterSetup(Lab lab, Guide guide) {
        this.lab = lab;
        this.guide = guide;
        this.cluster = new Cluster(lab, this);
    }

    /** A running cluster with its fence device and its service. */
    public Cluster bringUp() {
        lab.hosts().forEach(Host::powerOn);
        follow("certificates");
        String clusterId = UUID.randomUUID().toString().replace("-", "");
        for (Guide.Command command : guide.commands("voters")) {
            run(command, Guide.instead(command.line(), " ID ", " " + clusterId + " "));
        }
        for (Host host : lab.hosts()) {
            writeAgentFile(host);
            write(host, CLIENT_FILE, clientFile(host));
        }
        lab.onBoot(this::writeAgentFile);
        follow("start");
        write(first(), FENCING_FILE, guide.file(FENCING_FILE));
        write(first(), SERVICE_FILE, service());
        follow("fencing");
        follow("service");
        return cluster;
    }

    /** Gives every host its fence device again. */
    void applyFencing() {
        guide.commands("fencing").stream()
                .filter(command -> command.line().startsWith("quorate apply "))
                .forEach(command -> runAs(cluster.operator(), onFirstsFile(command.line())));
    }

    /** The file is on n1's disk, which every host of the lab can be made to see. */
    private String onFirstsFile(String line) {
        return Guide.instead(
                line, FENCING_FILE, first().etc().resolve("fencing.yaml").toString());
    }

    void applyReattachGrace(Duration grace) {
        Path file = lab.file("settings.yaml");
        try {
            Files.writeString(file, "kind: Settings\nreattachGrace: %ds\n".formatted(grace.toSeconds()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cluster.must("apply", "-f", file.toString(), "--reason", "end-to-end suite", "--no-progress");
    }

    /** A voter that lost its disk takes its place again, in the words that the guide has for n2. */
    void replaceVoter(Host voter) {
        String token = "";
        for (Guide.Command command : guide.commands("replace-voter")) {
            Host host = command.host().filter("n2"::equals).isPresent() ? voter : hostOf(command);
            String line = command.line().replace("n2", voter.name()).replace("10.77.0.2", voter.address());
            Commands.Result result = runAs(host, line.replace("TOKEN", token));
            if (line.equals("quorate member token")) {
                token = result.output().lines().findFirst().orElse("");
            }
        }
    }

    private Host first() {
        return lab.hosts().get(0);
    }

    private Host hostOf(Guide.Command command) {
        return lab.host(command.host().orElseThrow(() -> new LabException("not for one host: " + command)));
    }

    private void follow(String block) {
        guide.commands(block).forEach(command -> run(command, command.line()));
    }

    private void run(Guide.Command command, String line) {
        List<Host> hosts = command.host().isPresent() ? List.of(hostOf(command)) : lab.hosts();
        hosts.forEach(host -> runAs(host, line));
    }

    /** What the host answers; a command that fails is an error. */
    private Commands.Result runAs(Host host, String line) {
        Matcher copy = COPY.matcher(line);
        Matcher service = SERVICE.matcher(line);
        if (copy.matches()) {
            copy(disk(host, copy.group(1)), disk(hostAt(copy.group(2)), copy.group(3)));
            return new Commands.Result(line, 0, "", "");
        }
        if (service.matches()) {
            host.enable(service.group(1), startOf(service.group(1)));
            return new Commands.Result(line, 0, "", "");
        }
        List<String> command = List.of("/bin/bash", "-c", line);
        if (line.startsWith(WAIT)) {
            Commands.Result[] last = new Commands.Result[1];
            Await.until(() -> last[0].describe(), UP, () -> {
                last[0] = host.run(CALL, command);
                return last[0].ok();
            });
            return last[0];
        }
        Commands.Result result = host.run(CALL, command);
        if (!result.ok()) {
            throw new LabException(result.describe());
        }
        return result;
    }

    private String[] startOf(String service) {
        Matcher start = START.matcher(guide.file("/etc/systemd/system/quorate-" + service + ".service"));
        if (!start.find()) {
            throw new LabException("the operator's guide does not say how quorate-" + service + " is started");
        }
        return start.group(1).split(" ", -1);
    }

    private Host hostAt(String address) {
        return lab.hosts().stream()
                .filter(host -> host.address().equals(address))
                .findFirst()
                .orElseThrow(() -> new LabException("no host has " + address));
    }

    /** A file of the host as this machine sees it. */
    private static Path disk(Host host, String path) {
        if (!path.startsWith(ETC)) {
            throw new LabException(path + " is not on the disk of " + host.name());
        }
        return host.etc().resolve(path.substring(ETC.length()));
    }

    private static void copy(Path from, Path to) {
        try {
            Files.walkFileTree(from, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    Files.copy(directory, to.resolve(from.relativize(directory)), StandardCopyOption.COPY_ATTRIBUTES);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Host host, String path, String text) {
        try {
            Files.writeString(disk(host, path), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The guide's file for this host, and what tells hosts of one kernel apart: each has a machine id, and a boot id for each
     * power-on, so that it is written again before each boot. Fence agents of the suite stand in for packaged ones.
     */
    private void writeAgentFile(Host host) {
        String text = guide.file(AGENT_FILE);
        text = Guide.instead(text, "node: n1\n", "node: " + host.name() + "\n");
        text = Guide.instead(text, "addresses: [10.77.0.1]\n", "addresses: [" + host.address() + "]\n");
        write(host, AGENT_FILE, text + """
                fenceAgents: %s
                machine: {id: %s-machine, bootId: %s}
                """.formatted(lab.file("fence"), host.name(), host.bootId()));
    }

    /** The host's own server first, and its own certificate. */
    private String clientFile(Host host) {
        String text = Guide.instead(guide.file(CLIENT_FILE), endpoints(lab.hosts().stream()), ownFirst(host));
        return host.equals(first())
                ? text
                : Guide.instead(text, "clients/admin.", "clients/admin-" + host.name() + ".");
    }

    private String ownFirst(Host host) {
        return endpoints(Stream.concat(Stream.of(host), lab.hosts().stream().filter(one -> !one.equals(host))));
    }

    private static String endpoints(Stream<Host> hosts) {
        return hosts.map(one -> one.address() + ":7400").collect(Collectors.joining(", ", "[", "]"));
    }

    /** The service of the suite, as the guide's example with the witness in front and a web server that starts fast. */
    private String service() {
        return """
                set: front
                ---
                kind: Group
                name: %s
                members:
                  - name: witness
                    process:
                      command: [%s, %s]
                      stopGrace: 2s
                  - name: address
                    type: ocf:heartbeat:IPaddr2
                    params: {ip: %s, cidr_netmask: 24, nic: eth0}
                    monitor: {interval: 5s}
                  - name: server
                    process:
                      command: [/usr/sbin/nginx, -e, /run/e2e-nginx.log, -c, %s]
                      health: {http: "http://127.0.0.1/", interval: 1s, timeout: 1s, unhealthyAfter: 2}
                      stopGrace: 2s
                placement: {stickiness: 200}
                failure: {moveAfter: 3, forgetAfter: 1m}
                """.formatted(
                        Cluster.SERVICE,
                        lab.file("witness/witness"),
                        lab.file("witness"),
                        Network.FLOATING_ADDRESS,
                        lab.file("nginx.conf"));
    }
}
