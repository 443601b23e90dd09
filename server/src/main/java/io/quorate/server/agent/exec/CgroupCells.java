package io.quorate.server.agent.exec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One cgroup for each cell, outside the agent's own, so that stopping the agent's unit leaves them alone. Version 2 with
 * {@code cgroup.kill} where the kernel has it; otherwise a version 1 hierarchy and a loop of KILL.
 */
public final class CgroupCells implements Cells {
    private static final List<String> VERSION_TWO = List.of(".", "unified");
    private static final List<String> VERSION_ONE = List.of("systemd", "freezer", "pids");

    private final Path base;
    private final boolean versionTwo;
    private final MarkerCells markers;

    private CgroupCells(Path base, boolean versionTwo, MarkerCells markers) {
        this.base = base;
        this.versionTwo = versionTwo;
        this.markers = markers;
    }

    /**
     * The best writable hierarchy below this mount, tried by making a cgroup and sending a process through it; empty when
     * there is none (no root, a container with read-only cgroups).
     *
     * @param agentId tells the cells of several agents of one machine apart
     */
    public static Optional<CgroupCells> detect(Path mount, String agentId, MarkerCells markers) {
        for (String name : VERSION_TWO) {
            Path base = mount.resolve(name).normalize().resolve("quorate").resolve(agentId);
            if (Files.exists(mount.resolve(name).resolve("cgroup.controllers")) && usable(base, true)) {
                return Optional.of(new CgroupCells(base, true, markers));
            }
        }
        for (String name : VERSION_ONE) {
            Path base = mount.resolve(name).resolve("quorate").resolve(agentId);
            if (Files.isDirectory(mount.resolve(name)) && usable(base, false)) {
                return Optional.of(new CgroupCells(base, false, markers));
            }
        }
        return Optional.empty();
    }

    private static boolean usable(Path base, boolean versionTwo) {
        Path trial = base.resolve("trial-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(trial);
            Path control = trial.resolve("cgroup.procs");
            boolean entered = Files.isWritable(control)
                    && new ProcessBuilder("/bin/sh", "-c", "echo $$ > \"$0\"", control.toString())
                                    .redirectErrorStream(true)
                                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                    .start()
                                    .waitFor()
                            == 0;
            return entered && (!versionTwo || Files.isWritable(trial.resolve("cgroup.kill")));
        } catch (IOException | UnsupportedOperationException noAccess) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            removeQuietly(trial);
        }
    }

    private static void removeQuietly(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException stillUsed) {
            // An empty cgroup that stays costs nothing; the next start tries again.
        }
    }

    @Override
    public Cell ofMember(String instance, String resource) {
        return new CgroupCell(base.resolve(instance + "." + resource + ".run"), markers.ofMember(instance, resource));
    }

    @Override
    public Cell ofOperation(String instance, String resource) {
        return new CgroupCell(base.resolve(instance + "." + resource + ".op"), markers.ofOperation(instance, resource));
    }

    @Override
    public String description() {
        return "cgroup v" + (versionTwo ? 2 : 1) + " at " + base;
    }

    private final class CgroupCell implements Cell {
        private final Path directory;
        private final Cell marked;

        CgroupCell(Path directory, Cell marked) {
            this.directory = directory;
            this.marked = marked;
        }

        @Override
        public List<Path> entrances() {
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw new IllegalStateException("cannot make " + directory + ": " + e.getMessage(), e);
            }
            return List.of(directory.resolve("cgroup.procs"));
        }

        @Override
        public Map<String, String> marker() {
            return marked.marker();
        }

        @Override
        public List<ProcessIdentity> processes() {
            List<ProcessIdentity> found = new ArrayList<>();
            try {
                for (String line : Files.readAllLines(directory.resolve("cgroup.procs"), StandardCharsets.US_ASCII)) {
                    ProcessIdentity.of(Long.parseLong(line.strip())).ifPresent(found::add);
                }
            } catch (IOException noSuchCell) {
                return List.of();
            }
            return found;
        }

        @Override
        public void terminateAll() {
            Signals.terminate(processes());
        }

        @Override
        public boolean killAll(Duration patience) {
            if (processes().isEmpty()) {
                removeQuietly(directory);
                return true;
            }
            if (versionTwo) {
                try {
                    Files.writeString(directory.resolve("cgroup.kill"), "1", StandardCharsets.US_ASCII);
                } catch (IOException e) {
                    throw new IllegalStateException("cannot kill " + directory + ": " + e.getMessage(), e);
                }
            }
            boolean empty = Signals.killUntilEmpty(this::processes, patience);
            if (empty) {
                removeQuietly(directory);
            }
            return empty;
        }
    }
}
