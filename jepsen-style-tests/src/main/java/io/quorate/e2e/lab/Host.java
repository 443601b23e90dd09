package io.quorate.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One host: namespaces with an own network, process table, mounts and name. Its disk (/etc/quorate, /var/lib/quorate) outlives
 * a power loss; its processes, /run and the addresses of its kernel do not. Methods that change it exclude each other.
 */
public final class Host {
    private static final String LOG_LEVEL = "QUORATE_JAVA_OPTS=-Dquorate.log.level=INFO";
    private static final Duration BOOT = Duration.ofMinutes(1);
    private static final Duration DEATH = Duration.ofMinutes(1);

    private final String name;
    private final int number;
    private final Path home;
    private final Path cgroup;
    private final Network network;
    private final Lab lab;
    private final Map<String, Daemon> daemons = new LinkedHashMap<>();
    private final Map<String, List<String>> enabled = new LinkedHashMap<>();

    private @Nullable Process container;
    private @Nullable Process watcher;
    private boolean powered;
    private long init;
    private int boots;
    private boolean unplugged;
    private boolean paused;

    Host(Lab lab, Network network, String name, int number) throws IOException {
        this.lab = lab;
        this.network = network;
        this.name = name;
        this.number = number;
        this.home = Files.createDirectories(lab.directory().resolve(name));
        this.cgroup = Files.createDirectories(lab.cgroup().resolve(name));
        for (String part : List.of("etc", "var", "log")) {
            Files.createDirectories(home.resolve(part));
        }
    }

    public String name() {
        return name;
    }

    public String address() {
        return Network.SUBNET + number;
    }

    /** What is /etc/quorate on the host. */
    public Path etc() {
        return home.resolve("etc");
    }

    /** What is /var/lib/quorate on the host. */
    public Path var() {
        return home.resolve("var");
    }

    public Path log(String daemon) {
        return home.resolve("log").resolve(daemon + ".log");
    }

    /** Another one after each power-on, as the kernel's boot id. */
    public synchronized String bootId() {
        return name + "-boot-" + boots;
    }

    public synchronized boolean isOn() {
        return container != null && container.isAlive();
    }

    /** Whether its kernel runs: also when every process of it is dead. */
    public synchronized boolean hasPower() {
        return powered;
    }

    /** Whether somebody sees what its kernel holds. */
    public synchronized boolean isWatched() {
        return watcher != null && watcher.isAlive();
    }

    /** On, plugged in and not paused. */
    public synchronized boolean isHealthy() {
        return isOn() && !unplugged && !paused;
    }

    public synchronized Optional<Daemon> daemon(String service) {
        return Optional.ofNullable(daemons.get(service)).filter(Daemon::isAlive);
    }

    /** The same when it does not run any more; empty when it was never started in this life of the host. */
    public synchronized Optional<Daemon> lastDaemon(String service) {
        return Optional.ofNullable(daemons.get(service));
    }

    /** What starts when it is switched on. */
    public synchronized Set<String> enabled() {
        return Set.copyOf(enabled.keySet());
    }

    /** Its processes, as this machine numbers them. */
    public List<Long> processes() {
        try (Stream<Path> groups = Files.walk(cgroup)) {
            List<Long> pids = new ArrayList<>();
            for (Path file :
                    groups.filter(path -> path.endsWith("cgroup.procs")).toList()) {
                Files.readAllLines(file).forEach(line -> pids.add(Long.parseLong(line)));
            }
            return pids;
        } catch (IOException | UncheckedIOException e) {
            // a group that went away meanwhile
            return List.of();
        }
    }

    /** Switches it on; what is enabled starts, as units would. Nothing when it is on. */
    public synchronized void powerOn() {
        powerOn(enabled.keySet());
    }

    /** Switches it on, and only these of its services start. */
    public synchronized void powerOn(Set<String> services) {
        if (isOn()) {
            return;
        }
        boots++;
        daemons.clear();
        unwatch();
        network.attach(name, number);
        powered = true;
        watch();
        container = boot();
        enabled.forEach((service, command) -> {
            if (services.contains(service)) {
                start(service, command);
            }
        });
    }

    private Process boot() {
        try {
            Files.deleteIfExists(home.resolve("booted"));
            lab.onBoot(this);
            Process process = new ProcessBuilder(
                            "/bin/sh",
                            "-c",
                            "echo 0 >\"$1/cgroup.procs\" && exec nsenter --net=/run/netns/\"$2\" unshare --mount --uts"
                                    + " --ipc --pid --fork --kill-child /bin/bash \"$3\" \"$4\" \"$5\" \"$1\"",
                            "host",
                            cgroup.toString(),
                            network.namespace(name),
                            lab.file("host-init").toString(),
                            name,
                            home.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log("init").toFile()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            Await.until(
                    name + " boots: " + log("init"),
                    BOOT,
                    () -> Files.exists(home.resolve("booted")) || !process.isAlive());
            try (Stream<ProcessHandle> children = process.children()) {
                init = children.map(ProcessHandle::pid)
                        .findFirst()
                        .orElseThrow(() -> new LabException(name + " did not boot: " + log("init")));
            }
            return process;
        } catch (IOException e) {
            throw new LabException(name + " cannot boot: " + e.getMessage(), e);
        }
    }

    /** The power is gone: no process, no cable. Returns when nothing of it runs. */
    public synchronized void powerOff() {
        if (!powered) {
            return;
        }
        network.unplug(name);
        killProcesses();
        unwatch();
        network.detach(name);
        powered = false;
        unplugged = false;
    }

    /** The watcher is in the host's network alone, so it outlives the host's processes; it ends with the network. */
    private void watch() {
        List<String> command = new ArrayList<>(network.inside(name));
        command.addAll(List.of(
                "perl", lab.file("watcher").toString(), name, lab.directory().toString()));
        Lab.SIGHTS.forEach((directory, what) -> command.add(directory + "=" + what));
        try {
            watcher = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(log("watcher").toFile()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new LabException("nobody can watch " + name + ": " + e.getMessage(), e);
        }
    }

    private void unwatch() {
        Process process = watcher;
        if (process == null) {
            return;
        }
        process.destroyForcibly();
        Await.until("the watcher of " + name + " is gone", DEATH, () -> !process.isAlive());
        watcher = null;
    }

    /** Every process dies at once; the kernel stays and answers for the host's addresses. */
    public synchronized void killProcesses() {
        Process process = container;
        if (process == null) {
            return;
        }
        write(cgroup.resolve("cgroup.kill"), "1");
        Await.until("the processes of " + name + " are gone", DEATH, () -> !process.isAlive() && isEmpty());
        container = null;
        paused = false;
        write(cgroup.resolve("cgroup.freeze"), "0");
    }

    private boolean isEmpty() {
        try {
            return Files.readString(cgroup.resolve("cgroup.events")).contains("populated 0");
        } catch (IOException e) {
            throw new LabException("cannot read " + cgroup, e);
        }
    }

    public synchronized void unplug() {
        unplugged = true;
        network.unplug(name);
    }

    public synchronized void plug() {
        if (unplugged) {
            unplugged = false;
            network.plug(name);
        }
    }

    /** Stops the time of every process, as a suspended virtual machine. */
    public synchronized void pause() {
        paused = true;
        write(cgroup.resolve("cgroup.freeze"), "1");
        Await.until(name + " is paused", DEATH, () -> {
            try {
                return Files.readString(cgroup.resolve("cgroup.events")).contains("frozen 1");
            } catch (IOException e) {
                throw new LabException("cannot read " + cgroup, e);
            }
        });
    }

    public synchronized void unpause() {
        paused = false;
        write(cgroup.resolve("cgroup.freeze"), "0");
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new LabException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** Starts a service now and at every power-on, as `systemctl enable --now` does. */
    public synchronized void enable(String service, String... command) {
        enabled.put(service, List.of(command));
        start(service, List.of(command));
    }

    /** Starts an enabled service that does not run. */
    public synchronized void start(String service) {
        List<String> command = enabled.get(service);
        if (command == null) {
            throw new LabException(service + " is not enabled on " + name);
        }
        start(service, command);
    }

    private void start(String service, List<String> command) {
        if (daemon(service).isPresent()) {
            return;
        }
        try {
            List<String> words = new ArrayList<>(List.of("env"));
            words.addAll(lab.daemonEnvironment(this));
            words.addAll(command);
            Process process = new ProcessBuilder(inside(words))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(log(service).toFile()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            daemons.put(service, new Daemon(name + "'s " + service, process));
        } catch (IOException e) {
            throw new LabException("cannot start " + service + " on " + name + ": " + e.getMessage(), e);
        }
    }

    /** Runs a command on the host and returns what it said. */
    public Commands.Result run(Duration limit, List<String> command) {
        return Commands.run(limit, inside(command), name + "# " + String.join(" ", command));
    }

    /** The command as the machine must call it to run on this host. */
    private synchronized List<String> inside(List<String> command) {
        if (!isOn()) {
            throw new LabException(name + " is off: cannot run " + command);
        }
        List<String> words = new ArrayList<>(List.of(
                "/bin/sh", "-c", "echo 0 >\"$1/cgroup.procs\" && shift && exec \"$@\"", "host", cgroup.toString()));
        words.addAll(List.of("nsenter", "--target", Long.toString(init)));
        words.addAll(List.of("--mount", "--uts", "--ipc", "--net", "--pid"));
        words.addAll(List.of("env", "-i", "HOME=/root", "LANG=C.UTF-8", "PATH=" + lab.path(), LOG_LEVEL));
        words.addAll(command);
        return words;
    }
}
