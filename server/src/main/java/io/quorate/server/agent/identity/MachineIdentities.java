package io.quorate.server.agent.identity;

import io.quorate.agent.v1.MachineIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which machine this is and which boot of it: the firmware's UUID and the kernel's boot id. */
public final class MachineIdentities {
    private static final Path FIRMWARE = Path.of("sys/class/dmi/id/product_uuid");
    private static final Path BOOT = Path.of("proc/sys/kernel/random/boot_id");
    private static final List<Path> CONTAINER_MARKS = List.of(Path.of(".dockerenv"), Path.of("run/.containerenv"));
    private static final Path INIT_ENVIRONMENT = Path.of("proc/1/environ");

    private MachineIdentities() {}

    /**
     * Reads the identity below a root, "/" in production.
     *
     * @throws IOException when the firmware gives no UUID: the message names the configuration key that sets one
     */
    public static MachineIdentity read(Path root) throws IOException {
        String boot = Files.readString(root.resolve(BOOT)).strip();
        String machine;
        try {
            machine = Files.readString(root.resolve(FIRMWARE)).strip();
        } catch (IOException e) {
            throw new IOException(
                    "cannot read the firmware UUID (" + root.resolve(FIRMWARE) + "); run as root or set machine.id and "
                            + "machine.bootId in the agent's configuration",
                    e);
        }
        return MachineIdentity.newBuilder()
                .setMachineId(machine)
                .setBootId(boot)
                .setSharedKernel(inContainer(root))
                .build();
    }

    /** An identity that configuration gives, for nodes that share a machine; its boot id proves no reboot unless it is given. */
    public static MachineIdentity configured(String machineId, Optional<String> bootId) throws IOException {
        return MachineIdentity.newBuilder()
                .setMachineId(machineId)
                .setBootId(
                        bootId.isPresent()
                                ? bootId.get()
                                : Files.readString(Path.of("/").resolve(BOOT)).strip())
                .setSharedKernel(bootId.isEmpty())
                .build();
    }

    private static boolean inContainer(Path root) {
        if (CONTAINER_MARKS.stream().anyMatch(mark -> Files.exists(root.resolve(mark)))) {
            return true;
        }
        try {
            return ("\0" + Files.readString(root.resolve(INIT_ENVIRONMENT))).contains("\0container=");
        } catch (IOException unreadable) {
            return false;
        }
    }
}
