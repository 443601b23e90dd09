package io.quorate.server.agent.exec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The kernel's table of processes, read from /proc. Zombies are left out: they run nothing, unless only their first thread
 * has ended.
 */
final class ProcTable {
    private static final Path PROC = Path.of("/proc");
    /** Fields after the command name: state is the first of them, number 3 of the whole line. */
    private static final int PARENT = 1;

    private static final int GROUP = 2;
    private static final int SESSION = 3;
    private static final int START_TICKS = 19;
    /** The address of the program's code: the kernel sets it last, after the environment. */
    private static final int START_CODE = 23;

    private static final int ENVIRONMENT_START = 47;
    private static final int ENVIRONMENT_END = 48;
    private static final String LOADING = "0";

    /** The process whose children are the kernel's own threads; they have no environment. */
    private static final long KERNEL_THREADS = 2;

    private static final int LONGEST_LOAD_LOOKS = 2_000;
    private static final long LOAD_LOOK_NANOS = 500_000;

    private ProcTable() {}

    /** @param thread one that lives: the first, whose number is the pid, or another when that has ended */
    record Entry(long pid, long thread, long parent, long group, long session, long startTicks) {}

    static Optional<Entry> read(long pid) {
        return read(PROC, pid);
    }

    static Optional<Entry> read(Path proc, long pid) {
        Path directory = proc.resolve(Long.toString(pid));
        return fields(directory)
                .flatMap(fields -> (lives(fields) ? Optional.of(pid) : livingThread(directory))
                        .map(thread -> new Entry(
                                pid,
                                thread,
                                Long.parseLong(fields[PARENT]),
                                Long.parseLong(fields[GROUP]),
                                Long.parseLong(fields[SESSION]),
                                Long.parseLong(fields[START_TICKS]))));
    }

    static List<Entry> all() {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path directory : directories) {
                read(Long.parseLong(directory.getFileName().toString())).ifPresent(entries::add);
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /proc: " + e.getMessage(), e);
        }
        return entries;
    }

    static List<Entry> inSession(long session) {
        return all().stream().filter(entry -> entry.session() == session).toList();
    }

    /** Processes whose environment at their start has this entry, and all descendants of those. */
    static List<Entry> marked(String entry) {
        String bytes = "\0" + entry + "\0";
        return closure(process -> environment(process).contains(bytes));
    }

    private static List<Entry> closure(Predicate<Entry> root) {
        List<Entry> rest = new ArrayList<>(all());
        List<Entry> found = new ArrayList<>(rest.stream().filter(root).toList());
        rest.removeAll(found);
        for (int next = 0; next < found.size(); next++) {
            long parent = found.get(next).pid();
            List<Entry> children =
                    rest.stream().filter(entry -> entry.parent() == parent).toList();
            found.addAll(children);
            rest.removeAll(children);
        }
        return found;
    }

    /**
     * While a process loads a program (execve) the kernel shows no environment, and it may show a part of it: to take that for
     * an answer would miss a process that carries the mark. It lasts microseconds; a load that hangs is not waited for.
     */
    private static String environment(Entry process) {
        Path directory = PROC.resolve(Long.toString(process.thread()));
        boolean ofKernel = process.pid() == KERNEL_THREADS || process.parent() == KERNEL_THREADS;
        try {
            byte[] environment = Files.readAllBytes(directory.resolve("environ"));
            for (int look = 0; !ofKernel && !isWhole(environment, directory) && look < LONGEST_LOAD_LOOKS; look++) {
                LockSupport.parkNanos(LOAD_LOOK_NANOS);
                environment = Files.readAllBytes(directory.resolve("environ"));
            }
            return "\0" + new String(environment, StandardCharsets.UTF_8) + "\0";
        } catch (IOException goneOrForeign) {
            return "";
        }
    }

    /** Whether this is as long as the kernel says, with the program in place; or whatever it is, of one that lives no more. */
    private static boolean isWhole(byte[] environment, Path process) {
        return fields(process)
                .filter(ProcTable::lives)
                .map(fields -> !fields[START_CODE].equals(LOADING)
                        && environment.length == number(fields[ENVIRONMENT_END]) - number(fields[ENVIRONMENT_START]))
                .orElse(true);
    }

    private static long number(String field) {
        return Long.parseUnsignedLong(field.strip());
    }

    /** What follows the command name in the stat file of a process or thread; empty when it is gone. */
    private static Optional<String[]> fields(Path directory) {
        try {
            String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The command name is in parentheses and may hold blanks and parentheses itself.
            return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static boolean lives(String[] fields) {
        char state = fields[0].charAt(0);
        return state != 'Z' && state != 'X';
    }

    private static Optional<Long> livingThread(Path process) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                if (fields(thread).filter(ProcTable::lives).isPresent()) {
                    return Optional.of(Long.parseLong(thread.getFileName().toString()));
                }
            }
        } catch (IOException | DirectoryIteratorException gone) {
            return Optional.empty();
        }
        return Optional.empty();
    }
}
