package io.quorate.server.dev;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The power of the nodes of a dev cluster. What belongs to a node is found by a variable in the environment of its
 * processes, so that a daemon that left its parents is found too.
 */
final class DevPower {
    /** {@code QUORATE_POWER=DIR/NODE}. */
    static final String VARIABLE = "QUORATE_POWER";

    private static final String SWITCH = "fence_quorate_dev";

    private final DevLayout layout;

    DevPower(DevLayout layout) {
        this.layout = layout;
    }

    static String marker(DevLayout layout, String node) {
        return layout.dir() + "/" + node;
    }

    /** Puts the fence agent in place that nodes use on each other, and that this class uses itself. */
    void install() throws IOException {
        Files.createDirectories(layout.fenceDir());
        Path target = layout.fenceDir().resolve(SWITCH);
        try (InputStream in = Objects.requireNonNull(DevPower.class.getResourceAsStream(SWITCH))) {
            Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Kills every process of the node at once: power loss. Returns when none is left. */
    void off(String node) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(layout.fenceDir().resolve(SWITCH).toString())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream()
                .write(("action=off\ndir=" + layout.dir() + "\nplug=" + node + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the processes of " + node + " could not be killed: " + said.strip());
        }
    }

    /** Sends a signal, {@code STOP} or {@code CONT}, to every process of the node; gives their number. */
    int signal(String node, String signal) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        List<Long> pids = processes(node);
        if (pids.isEmpty()) {
            return 0;
        }
        pids.forEach(pid -> command.add(Long.toString(pid)));
        // The exit code says that one of them was gone already, which is fine.
        int unused = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return pids.size();
    }

    /** The processes of the node, in no particular order. */
    List<Long> processes(String node) throws IOException {
        String entry = "\0" + VARIABLE + "=" + marker(layout, node) + "\0";
        List<Long> pids = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path directory : directories) {
                if (environment(directory).contains(entry)) {
                    pids.add(Long.parseLong(directory.getFileName().toString()));
                }
            }
        }
        return pids;
    }

    private static String environment(Path process) {
        try {
            return "\0" + new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.UTF_8);
        } catch (IOException goneOrForeign) {
            return "";
        }
    }
}
