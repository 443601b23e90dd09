package io.quorate.server.agent.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One cgroup for each cell, outside the agent's own, so that stopping the agent's unit leaves them alone. Version 2 with
 * {@code cgroup.kill} where the kernel has it; otherwise a version 1 hierarchy and a loop of KILL. Of a member, what carries
 * its marker counts too: a session manager may move a process away, and an earlier agent may have had no cgroups.
 */
public final class CgroupCells implements Cells {
    private static final List<String> VERSION_TWO = List.of(".", "unified");
    private static final List<String> VERSION_ONE = List.of("systemd", "freezer", "pids");

    private final Path base;
    private final boolean versionTwo;
    private final MarkerCells markers;

    CgroupCells(Path base, boolean versionTwo, MarkerCells markers) {
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
        Cell marked = markers.ofMember(instance, resource);
        return new WithStrays(cell(instance + "." + resource + ".run", marked), marked::processes);
    }

    @Override
    public Cell ofOperation(String instance, String resource) {
        return cell(instance + "." + resource + ".op", markers.ofOperation(instance, resource));
    }

    private Cell cell(String name, Cell marked) {
        return new CgroupCell(new Cgroup(base.resolve(name), versionTwo), marked);
    }

    @Override
    public String description() {
        return "cgroup v" + (versionTwo ? 2 : 1) + " at " + base;
    }

    private record CgroupCell(Cgroup cgroup, Cell marked) implements Cell {
        @Override
        public List<Path> entrances() {
            try {
                Files.createDirectories(cgroup.directory());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make " + cgroup.directory(), e);
            }
            return List.of(cgroup.directory().resolve("cgroup.procs"));
        }

        @Override
        public Map<String, String> marker() {
            return marked.marker();
        }

        @Override
        public List<ProcessIdentity> processes() {
            return cgroup.processes();
        }

        @Override
        public boolean isEmpty() {
            return cgroup.isEmpty();
        }

        @Override
        public void terminateAll() {
            Signals.terminate(processes());
        }

        @Override
        public boolean killAll(Duration patience) {
            return cgroup.killAll(patience);
        }
    }
}
