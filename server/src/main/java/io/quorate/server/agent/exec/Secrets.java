package io.quorate.server.agent.exec;

import io.quorate.v1.SecretRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Values that stay on the node: read from files that nobody but their owner can read, when they are needed. */
public final class Secrets {
    private static final int ANY_RIGHT_OF_OTHERS = 0_077;
    private static final long LIMIT_BYTES = 64 * 1024;

    private Secrets() {}

    /**
     * The content of the file without its last newline.
     *
     * @throws RefusedException naming the file and what is wrong with it, never its content
     */
    public static String read(SecretRef reference) {
        Path file = Path.of(reference.getFile());
        try {
            if (!file.isAbsolute()) {
                throw new RefusedException("secret file must be an absolute path: " + file);
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new RefusedException("no secret file " + file + " on this node", ExitCodes.ERR_CONFIGURED);
            }
            if (!PathSafety.ownedByRootOrSelf(file) || (PathSafety.mode(file) & ANY_RIGHT_OF_OTHERS) != 0) {
                throw new RefusedException(file + " must be owned by root with mode 0600 or 0400", ExitCodes.ERR_PERM);
            }
            if (Files.size(file) > LIMIT_BYTES) {
                throw new RefusedException("secret file " + file + " is longer than 64 KiB");
            }
            String value = Files.readString(file);
            return Texts.checkedValue(
                    "secret file " + file, value.endsWith("\n") ? value.substring(0, value.length() - 1) : value);
        } catch (IOException e) {
            throw new RefusedException("cannot read secret file " + file, ExitCodes.ERR_PERM);
        }
    }
}
