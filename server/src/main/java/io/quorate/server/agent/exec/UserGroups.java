package io.quorate.server.agent.exec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Users of this machine, from its own list: a command runs as a local user. */
final class UserGroups {
    private static final Path USERS = Path.of("/etc/passwd");
    private static final int GROUP_FIELD = 3;

    private UserGroups() {}

    /** The number of the user's primary group. */
    static String primaryOf(String user) throws IOException {
        for (String line : Files.readAllLines(USERS, StandardCharsets.UTF_8)) {
            String[] fields = line.split(":", -1);
            if (fields[0].equals(user) && fields.length > GROUP_FIELD) {
                return fields[GROUP_FIELD];
            }
        }
        throw new RefusedException("no user " + user + " on this node", ExitCodes.ERR_CONFIGURED);
    }
}
