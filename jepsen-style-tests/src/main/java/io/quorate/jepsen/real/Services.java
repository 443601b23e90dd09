package io.quorate.jepsen.real;

import io.quorate.e2e.Cluster;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Exclusive services beside the one of the lab. */
final class Services {
    /** Writes its token into a file that all hosts share, and that takes no smaller one. */
    static final String WRITER = "writer";
    /** Takes its time to start. */
    static final String SLOW = "slow";

    private static final String REFUSED = "refused.log";

    private Services() {}

    /** What an operator moves. */
    static List<String> movable() {
        return List.of(Cluster.SERVICE, WRITER, SLOW);
    }

    static void apply(Cluster cluster) throws IOException {
        Lab lab = cluster.lab();
        Path writer = lab.addSight(WRITER);
        Path slow = lab.addSight(SLOW);
        Path script = writer.resolve("writer");
        try (InputStream source = Services.class.getResourceAsStream("writer")) {
            if (source == null) {
                throw new IOException("no resource writer");
            }
            Files.write(script, source.readAllBytes());
        }
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = lab.file("faults.yaml");
        Files.writeString(file, """
                set: faults
                ---
                kind: Group
                name: %s
                members:
                  - name: token-writer
                    process: {command: [%s, %s], stopGrace: 2s}
                failure: {moveAfter: 3, forgetAfter: 1m}
                ---
                kind: Group
                name: %s
                members:
                  - name: delay
                    type: ocf:heartbeat:Delay
                    params: {startdelay: "2", stopdelay: "0", mondelay: "0"}
                  - name: slow-witness
                    process: {command: [%s, %s], stopGrace: 2s}
                failure: {moveAfter: 3, forgetAfter: 1m}
                """.formatted(WRITER, script, writer, SLOW, lab.file("witness/witness"), slow));
        cluster.must("apply", "-f", file.toString(), "--reason", "fault runs", "--no-progress");
        for (String service : List.of(WRITER, SLOW)) {
            cluster.must("wait", service, "--for", "running", "--timeout", "60s", "--no-progress");
        }
    }

    /** Writes that the shared file refused because a later owner had written, since the last call. */
    static List<String> refused(Lab lab) {
        Path file = lab.file(WRITER).resolve(REFUSED);
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(file, StandardCharsets.UTF_8));
            Files.delete(file);
            return lines.stream().map(line -> "a former owner wrote: " + line).toList();
        } catch (IOException e) {
            throw new LabException("cannot read " + file, e);
        }
    }
}
