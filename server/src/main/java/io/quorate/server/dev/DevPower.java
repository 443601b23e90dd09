package io.quorate.server.dev;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The power of the nodes of a dev cluster. What belongs to a node is found by a variable in the environment of its
 * processes, so that a daemon that left its parents is found too. The nodes' own fence agent is the one who looks.
 */
final class DevPower {
    /** {@code QUORATE_POWER=DIR/NODE}. */
    static final String VARIABLE = "QUORATE_POWER";

    private static final String SWITCH = "fence_quorate_dev";

    private final DevLayout layout;
    private final Path switches;

    DevPower(DevLayout layout) {
        this(layout, layout.fenceDir());
    }

    /**
     * Of nodes whose directory may be gone.
     *
     * @param switches where the fence agent is, or is put
     */
    DevPower(DevLayout layout, Path switches) {
        this.layout = layout;
        this.switches = switches;
    }

    static String marker(DevLayout layout, String node) {
        return layout.dir() + "/" + node;
    }

    /** Puts the fence agent in place that nodes use on each other, and that this class uses itself. */
    void install() throws IOException {
        Files.createDirectories(switches);
        Path target = switches.resolve(SWITCH);
        try (InputStream in = Objects.requireNonNull(DevPower.class.getResourceAsStream(SWITCH))) {
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Kills every process of the node at once: power loss. Returns when none is left. */
    void off(String node) throws IOException, InterruptedException {
        String unused = ask("off", node);
    }

    /** The same for every node; one that cannot be switched off does not keep the others on. */
    void allOff() throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        for (String node : layout.nodeNames()) {
            try {
                off(node);
            } catch (IOException e) {
                failures.add(e.getMessage());
            }
        }
        if (!failures.isEmpty()) {
            throw new IOException(String.join("; ", failures));
        }
    }

    /**
     * Sends a signal, {@code STOP} or {@code CONT}, to every process of the node, those too that one of them has started
     * meanwhile; gives their number.
     */
    int signal(String node, String signal) throws IOException, InterruptedException {
        Set<Long> reached = new HashSet<>();
        while (true) {
            List<Long> fresh = new ArrayList<>(processes(node));
            fresh.removeAll(reached);
            if (fresh.isEmpty()) {
                return reached.size();
            }
            List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
            fresh.forEach(pid -> command.add(Long.toString(pid)));
            // The exit code says that one of them was gone already, which is fine.
            int unused = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            reached.addAll(fresh);
        }
    }

    /** The processes of the node, in no particular order. */
    List<Long> processes(String node) throws IOException, InterruptedException {
        return ask("processes", node).lines().map(Long::valueOf).toList();
    }

    private String ask(String action, String node) throws IOException, InterruptedException {
        Path script = switches.resolve(SWITCH);
        if (!Files.isExecutable(script)) {
            // What clears temporary directories may have taken it, and the nodes still run.
            install();
        }
        Process process =
                new ProcessBuilder(script.toString()).redirectErrorStream(true).start();
        String options = "action=" + action + "\ndir=" + layout.dir() + "\nplug=" + node + "\n";
        process.getOutputStream().write(options.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the power switch of " + node + " failed at \"" + action + "\": " + said.strip());
        }
        return said;
    }
}
