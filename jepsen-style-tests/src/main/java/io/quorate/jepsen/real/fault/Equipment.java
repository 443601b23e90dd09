package io.quorate.jepsen.real.fault;

import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Host;
import io.quorate.e2e.lab.Lab;
import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What some faults need before hosts are first switched on: a disk of its own for each host, small enough to be filled, and a
 * library that daemons load first, for the wall clock and for fsync. Whoever takes the lab's directory away unmounts the disks.
 */
public final class Equipment {
    private static final String DISK_SIZE = "256M";
    private static final String SOURCE = "machine.c";

    private Equipment() {}

    /** Something that the library does otherwise when a file says so. */
    enum Part {
        CLOCK,
        FSYNC;

        private Path file(Lab lab, Host host) {
            return lab.file(host.name() + "-" + name());
        }

        private Path hit(Lab lab, Host host) {
            return lab.file(host.name() + "-" + name() + ".hit");
        }

        /** From now on the host's daemons do so. */
        void say(Lab lab, Host host, String what) {
            try {
                Files.deleteIfExists(hit(lab, host));
                Files.writeString(file(lab, host), what + "\n");
            } catch (IOException e) {
                throw new LabException("cannot write " + file(lab, host), e);
            }
        }

        /** All is as it is again. */
        void beSilent(Lab lab, Host host) {
            try {
                Files.deleteIfExists(file(lab, host));
            } catch (IOException e) {
                throw new LabException("cannot delete " + file(lab, host), e);
            }
        }

        /** Whether a daemon has done so since it was said. */
        boolean wasDone(Lab lab, Host host) {
            return Files.exists(hit(lab, host));
        }
    }

    /** Makes it for every host of the lab. */
    public static void install(Lab lab) throws IOException {
        Path library = lab.file("machine.so");
        Path source = lab.file(SOURCE);
        try (InputStream text = Equipment.class.getResourceAsStream(SOURCE)) {
            if (text == null) {
                throw new IOException("no resource " + SOURCE);
            }
            Files.write(source, text.readAllBytes());
        }
        Commands.must("gcc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString(), "-ldl");
        lab.hosts().forEach(host -> disk(lab, host));
        lab.daemonEnvironment(host -> List.of(
                "LD_PRELOAD=" + library,
                "QUORATE_TEST_FSYNC=" + Part.FSYNC.file(lab, host),
                "QUORATE_TEST_CLOCK=" + Part.CLOCK.file(lab, host)));
    }

    private static void disk(Lab lab, Host host) {
        String image = lab.file(host.name() + ".img").toString();
        Commands.must("truncate", "-s", DISK_SIZE, image);
        Commands.must("mkfs.ext4", "-q", "-m", "0", image);
        Commands.must("mount", "-o", "loop", image, host.var().toString());
        try {
            Files.delete(host.var().resolve("lost+found"));
        } catch (IOException e) {
            throw new LabException("cannot use the disk of " + host.name(), e);
        }
    }
}
