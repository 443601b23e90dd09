package io.quorate.server.agent.exec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Stand-ins for the tools of Pacemaker that resource agents call: a shell script under their names, in a directory of the
 * agent's own before all others on the path.
 */
public final class PacemakerTools {
    private static final String SCRIPT = "pacemaker-tools";
    private static final List<String> NAMES = List.of(
            "attrd_updater",
            "cibadmin",
            "crm_attribute",
            "crm_master",
            "crm_mon",
            "crm_node",
            "crm_resource",
            "pacemakerd");
    /** Of a Pacemaker that sets promotion scores with crm_attribute. */
    private static final String FEATURE_SET = "3.16.2";

    private final Path directory;
    private final String node;
    private final String path;
    private final CopyFiles copies;

    private PacemakerTools(Path directory, String node, String path, CopyFiles copies) {
        this.directory = directory;
        this.node = node;
        this.path = path;
        this.copies = copies;
    }

    /**
     * Puts the tools in place, those of this version over those of another.
     *
     * @param directory for the tools alone; made if it is missing
     * @param path that programs are looked for on after the tools
     * @param copies where the tools and the agent find each other
     */
    public static PacemakerTools install(Path directory, String node, String path, CopyFiles copies)
            throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path script = directory.resolve(SCRIPT);
        Path fresh = directory.resolve(SCRIPT + ".new");
        try (InputStream shipped = PacemakerTools.class.getResourceAsStream("/io/quorate/server/agent/" + SCRIPT)) {
            if (shipped == null) {
                throw new IOException("this build lacks " + SCRIPT);
            }
            Files.copy(shipped, fresh, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(fresh, script, StandardCopyOption.ATOMIC_MOVE);
        for (String name : NAMES) {
            Path link = directory.resolve(name);
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, Path.of(SCRIPT));
            }
        }
        return new PacemakerTools(directory, node, path, copies);
    }

    public CopyFiles copies() {
        return copies;
    }

    public String node() {
        return node;
    }

    /** What an operation needs so that its agent finds the tools, and the tools what they are asked about. */
    Map<String, String> environment(Task task) {
        Map<String, String> environment = new TreeMap<>(Map.of(
                "PATH",
                directory + ":" + path,
                "HA_SBIN_DIR",
                directory.toString(),
                "QUORATE_NODE",
                node,
                "OCF_RESKEY_crm_feature_set",
                FEATURE_SET));
        if (!task.part().equals(ClonePart.NONE)) {
            try {
                environment.put("QUORATE_COPY_DIR", copies.of(task.home()).toString());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make the directory of " + task.home(), e);
            }
        }
        return environment;
    }
}
