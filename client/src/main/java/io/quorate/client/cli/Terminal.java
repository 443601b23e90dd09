package io.quorate.client.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whether people are at the other end, and what they type. */
public interface Terminal {
    boolean inputIsTerminal();

    boolean outputIsTerminal();

    /** The next line of the standard input without its line break; null at its end. */
    @Nullable
    String readLine();

    /** The process's own. */
    static Terminal ofSystem() {
        return new SystemTerminal(System.in);
    }

    /** Asks the kernel: System.console() only knows about both directions at once. */
    final class SystemTerminal implements Terminal {
        private final BufferedReader input;

        private SystemTerminal(InputStream input) {
            this.input = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        }

        @Override
        public boolean inputIsTerminal() {
            return isTerminal(0);
        }

        @Override
        public boolean outputIsTerminal() {
            return isTerminal(1);
        }

        @Override
        public @Nullable String readLine() {
            try {
                return input.readLine();
            } catch (IOException e) {
                return null;
            }
        }

        private static boolean isTerminal(int descriptor) {
            try {
                String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                        .toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
            } catch (IOException e) {
                return false;
            }
        }
    }
}
