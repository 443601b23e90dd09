package io.quorate.server.agent.exec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What may be run as root: a program below a fixed directory, under a plain name, that nobody but root (or, for an agent
 * without root, its own user) can change, and that no link leads out of that directory.
 */
public final class PathSafety {
    private static final int WRITABLE_BY_OTHERS = 0_022;

    private PathSafety() {}

    /**
     * The program at root/names….
     *
     * @throws RefusedException ERR_ARGS for a bad name, ERR_INSTALLED when it is missing, ERR_PERM when it is unsafe
     */
    public static Path program(Path root, String... names) {
        Path path = root;
        for (String name : names) {
            if (!Texts.FILE_NAME.matcher(name).matches()) {
                throw new RefusedException("name not allowed: '" + name + "'");
            }
            path = path.resolve(name);
        }
        try {
            Path real = path.toRealPath();
            Path realRoot = root.toRealPath();
            if (!real.startsWith(realRoot)) {
                throw new RefusedException(path + " leads out of " + root, ExitCodes.ERR_PERM);
            }
            if (!Files.isRegularFile(real) || !Files.isExecutable(real)) {
                throw new RefusedException(path + " is not an executable file", ExitCodes.ERR_INSTALLED);
            }
            for (Path part = real; part != null && part.startsWith(realRoot); part = part.getParent()) {
                checkUnchangeable(part);
            }
            return real;
        } catch (NoSuchFileException missing) {
            throw new RefusedException(path + " is not installed on this node", ExitCodes.ERR_INSTALLED);
        } catch (IOException e) {
            throw new RefusedException("cannot read " + path + ": " + e.getMessage(), ExitCodes.ERR_PERM);
        }
    }

    private static void checkUnchangeable(Path path) throws IOException {
        if (!ownedByRootOrSelf(path) || (mode(path) & WRITABLE_BY_OTHERS) != 0) {
            throw new RefusedException(path + " must be owned by root and writable by nobody else", ExitCodes.ERR_PERM);
        }
    }

    static boolean ownedByRootOrSelf(Path path) throws IOException {
        int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return owner == 0 || owner == ownUser();
    }

    static int mode(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    }

    /** The numeric user of this process. */
    public static int ownUser() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }
}
