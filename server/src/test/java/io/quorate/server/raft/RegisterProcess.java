package io.quorate.server.raft;

import io.quorate.log.v1.CommandResult;
import io.quorate.server.time.Clock;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RuleTable;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * One voter as a process of its own, for tests that pause it: a register that is driven over stdin. Arguments: kind
 * ({@code quorate} or {@code ratis}), data directory, Raft port. Each line is {@code ID COMMAND [VALUE]}, answered by {@code
 * ID ok RESULT} or {@code ID error WHY}; commands are lead, write and read.
 */
final class RegisterProcess {

    /** Followers elect a new one long before the old leader gives up: the time in which stale reads can happen. */
    static final RaftSettings SETTINGS =
            RaftSettings.defaults().withElectionTimeouts(Duration.ofMillis(300), Duration.ofMillis(2_500));

    private static final long PATIENCE_MILLIS = 2_000;

    /** What both kinds can do. */
    interface Register {
        boolean leads();

        void write(String value) throws Exception;

        String read() throws Exception;
    }

    private RegisterProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        int port = Integer.parseInt(arguments[2]);
        Register register =
                arguments[0].equals("ratis") ? new RatisRegister(directory, port) : quorate(directory, port);
        ExecutorService executor = Executors.newCachedThreadPool();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ", 3);
                executor.execute(() -> answer(register, parts));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void answer(Register register, String[] parts) {
        String reply;
        try {
            switch (parts[1]) {
                case "lead" -> reply = "ok " + register.leads();
                case "write" -> {
                    register.write(parts[2]);
                    reply = "ok " + parts[2];
                }
                case "read" -> reply = "ok " + register.read();
                default -> reply = "error unknown command";
            }
        } catch (Exception e) {
            reply = "error "
                    + String.valueOf(e.getCause() == null ? e : e.getCause()).replace('\n', ' ');
        }
        synchronized (System.out) {
            System.out.println(parts[0] + " " + reply);
        }
    }

    private static Register quorate(Path directory, int port) throws StartRefusedException {
        RaftNode node = RaftNode.start(new RaftNode.Options(
                directory,
                DataDirectory.Expected.anything(),
                "127.0.0.1",
                port,
                SETTINGS,
                new Applier(RuleTable.standard()),
                Optional.empty(),
                Clock.system(),
                (words, cause) -> {
                    System.err.println(words);
                    Runtime.getRuntime().halt(1);
                },
                "test"));
        return new Register() {
            @Override
            public boolean leads() {
                return node.leadership().isReadyLeader();
            }

            @Override
            public void write(String value) throws Exception {
                if (node.applied().nodes().isEmpty()) {
                    node.propose(Commands.registerNode()).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                }
                CommandResult result =
                        node.propose(Commands.set("register", value)).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                if (result.getCode() != 0) {
                    throw new IllegalStateException(result.getMessage());
                }
            }

            @Override
            public String read() throws Exception {
                return Commands.get(node.readLinearizable().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), "register");
            }
        };
    }
}
