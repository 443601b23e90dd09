package io.quorate.server.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.log.v1.VoterRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads through the barrier are never stale: three voters as processes, joined by links that can be cut; a value is
 * acknowledged by a new leader, and only then the old one is asked. It may refuse, but must not answer with less. The same
 * rounds against the read option of Ratis show that they can fail.
 */
@Tag("slow")
class StaleReadTest {

    private static final int ROUNDS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path root;

    private record Outcomes(int stale, int fresh, int errors) {}

    /** A way to silence the old leader, and to let it be heard again. */
    private interface Fault {
        void begin(Voter leader) throws IOException;

        void endBeforeRead(Voter leader) throws IOException;

        void end(Voter leader) throws IOException;
    }

    @Test
    void anOldLeaderCutFromItsPeersNeverAnswersStale() throws Exception {
        Outcomes outcomes = run("quorate", this::cut);
        assertThat(outcomes.stale()).isZero();
    }

    @Test
    void aPausedAndResumedOldLeaderNeverAnswersStale() throws Exception {
        Outcomes outcomes = run("quorate", group -> new Fault() {
            @Override
            public void begin(Voter leader) throws IOException {
                leader.signal("STOP");
            }

            @Override
            public void endBeforeRead(Voter leader) throws IOException {
                leader.signal("CONT");
            }

            @Override
            public void end(Voter leader) {}
        });
        assertThat(outcomes.stale()).isZero();
    }

    @Test
    void theReadOptionOfRatisAnswersStaleSoThisTestCanFail() throws Exception {
        Outcomes outcomes = run("ratis", this::cut);
        assertThat(outcomes.stale()).isPositive();
    }

    private Fault cut(Group group) {
        return new Fault() {
            @Override
            public void begin(Voter leader) {
                group.linksOf(leader).forEach(Link::cut);
            }

            @Override
            public void endBeforeRead(Voter leader) {}

            @Override
            public void end(Voter leader) {
                group.linksOf(leader).forEach(Link::heal);
            }
        };
    }

    private interface FaultOf {
        Fault on(Group group);
    }

    private Outcomes run(String kind, FaultOf faultOf) throws Exception {
        int stale = 0;
        int fresh = 0;
        int errors = 0;
        try (Group group = new Group(kind, root)) {
            Fault fault = faultOf.on(group);
            for (int round = 1; round <= ROUNDS; round++) {
                Voter old = group.write(null, 2L * round - 1);
                for (int warm = 0; warm < 5; warm++) {
                    old.ask("read").get(5, TimeUnit.SECONDS);
                }
                fault.begin(old);
                group.write(old, 2L * round);
                CompletableFuture<String> read = old.ask("read");
                fault.endBeforeRead(old);
                String answer = read.get(10, TimeUnit.SECONDS);
                if (!answer.startsWith("ok ")) {
                    errors++;
                } else if (Long.parseLong(answer.substring(3)) < 2L * round) {
                    stale++;
                } else {
                    fresh++;
                }
                fault.end(old);
            }
        }
        System.out.printf("%s: %d rounds, %d stale, %d fresh, %d errors%n", kind, ROUNDS, stale, fresh, errors);
        return new Outcomes(stale, fresh, errors);
    }

    /** A voter as a process. */
    private static final class Voter {
        final VoterRow row;
        final Process process;
        private final PrintStream in;
        private final AtomicLong ids = new AtomicLong();
        private final Map<String, CompletableFuture<String>> pending = new ConcurrentHashMap<>();

        Voter(String kind, VoterRow row, Path directory, int port) throws IOException {
            this.row = row;
            this.process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RegisterProcess.class.getName(),
                            kind,
                            directory.toString(),
                            Integer.toString(port))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            Thread reader = new Thread(this::readAnswers, "answers");
            reader.setDaemon(true);
            reader.start();
        }

        private void readAnswers() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] parts = line.split(" ", 2);
                    CompletableFuture<String> future = pending.remove(parts[0]);
                    if (future != null) {
                        future.complete(parts[1]);
                    }
                }
            } catch (IOException e) {
                pending.values().forEach(future -> future.completeExceptionally(e));
            }
        }

        CompletableFuture<String> ask(String command) {
            String id = "q" + ids.incrementAndGet();
            CompletableFuture<String> answer = new CompletableFuture<>();
            pending.put(id, answer);
            in.println(id + " " + command);
            return answer;
        }

        boolean leads() {
            try {
                return ask("lead").get(2, TimeUnit.SECONDS).equals("ok true");
            } catch (Exception e) {
                return false;
            }
        }

        void signal(String name) throws IOException {
            try {
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Three voters, each of which dials the others through links of its own. */
    private static final class Group implements AutoCloseable {
        final List<Voter> voters = new ArrayList<>();
        private final Map<String, List<Link>> links = new ConcurrentHashMap<>();
        private final List<Link> all = new ArrayList<>();

        Group(String kind, Path root) throws Exception {
            List<VoterRow> real = List.of(TestGroup.voter("n1"), TestGroup.voter("n2"), TestGroup.voter("n3"));
            String clusterId = ClusterBootstrap.newClusterId();
            for (VoterRow self : real) {
                List<VoterRow> seen = new ArrayList<>();
                for (VoterRow other : real) {
                    seen.add(other.equals(self) ? other : through(self, other));
                }
                Path directory = root.resolve(kind + "-" + self.getId());
                ClusterBootstrap.format(directory, seen, clusterId, "test", 1, self.getId(), Optional.empty(), "test");
                voters.add(new Voter(kind, self, directory, port(self)));
            }
        }

        private VoterRow through(VoterRow self, VoterRow other) throws IOException {
            Link link = new Link(port(other));
            all.add(link);
            links.computeIfAbsent(self.getId(), id -> new ArrayList<>()).add(link);
            links.computeIfAbsent(other.getId(), id -> new ArrayList<>()).add(link);
            return other.toBuilder().setRaftEndpoint("127.0.0.1:" + link.port()).build();
        }

        private static int port(VoterRow voter) {
            String endpoint = voter.getRaftEndpoint();
            return Integer.parseInt(endpoint.substring(endpoint.indexOf(':') + 1));
        }

        List<Link> linksOf(Voter voter) {
            return links.getOrDefault(voter.row.getId(), List.of());
        }

        /** Writes through whoever leads, but for {@code except}. Returns the voter that acknowledged. */
        Voter write(@Nullable Voter except, long value) {
            return Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> tryToWrite(except, value), Optional::isPresent)
                    .orElseThrow();
        }

        private Optional<Voter> tryToWrite(@Nullable Voter except, long value) throws Exception {
            for (Voter voter : voters) {
                if (voter != except
                        && voter.leads()
                        && voter.ask("write " + value).get(10, TimeUnit.SECONDS).startsWith("ok ")) {
                    return Optional.of(voter);
                }
            }
            return Optional.empty();
        }

        @Override
        public void close() throws IOException {
            voters.forEach(voter -> voter.process.destroyForcibly());
            for (Link link : all) {
                link.close();
            }
        }
    }
}
