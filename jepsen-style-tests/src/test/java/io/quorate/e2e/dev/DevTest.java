package io.quorate.e2e.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.e2e.lab.Await;
import io.quorate.e2e.lab.Commands.Result;
import io.quorate.v1.Event;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The first minutes of a person: start, apply, break a node, see the service come back, read why, mend, end. Each part is a
 * process of the built product; nothing needs root.
 */
@Tag("slow")
class DevTest {
    private static final Pattern ANSWER = Pattern.compile("node (\\S+)\ntoken (\\d+)\n.*", Pattern.DOTALL);
    private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(1);

    @TempDir
    private static Path root;

    private static Product product;
    private static Dev dev;
    private static int ports;
    private static int servicePort;

    private Optional<String> broken = Optional.empty();

    /** What the example says of itself. */
    private record Answer(String node, long token) {}

    @BeforeAll
    static void start() throws Exception {
        product = Product.copy(root.resolve("product"));
        ports = Dev.freePorts();
        servicePort = ports + 99;
        dev = Dev.start(product, root.resolve("three"), ports, 3).awaitReady();
        dev.apply(Product.example(servicePort));
    }

    @AfterAll
    static void end() throws Exception {
        if (dev != null) {
            dev.close();
            assertThat(dev.processes()).isEmpty();
            assertThat(root.resolve("three")).doesNotExist();
        }
    }

    /** What a test that failed has left broken, the next ones need. */
    @AfterEach
    void mend() {
        broken.ifPresent(node -> dev.does("heal", node));
    }

    private static Optional<Answer> ask() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + servicePort + "/"))
                .timeout(HTTP_TIMEOUT)
                .build();
        try {
            Matcher matcher = ANSWER.matcher(HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body());
            return matcher.matches()
                    ? Optional.of(new Answer(matcher.group(1), Long.parseLong(matcher.group(2))))
                    : Optional.empty();
        } catch (IOException noAnswer) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Answer awaitAnswer(String what, Predicate<Answer> condition) {
        Answer[] last = new Answer[1];
        Await.until(() -> "the service answers " + what + "; it said " + last[0], Dev.PATIENCE, () -> {
            ask().ifPresent(answer -> last[0] = answer);
            return last[0] != null && condition.test(last[0]);
        });
        return last[0];
    }

    @Test
    void theRunWhoseClassesTheLauncherArchivesComesToItsEnd() {
        Result warmUp = product.run(List.of(), "dev", "warm-up");
        assertThat(warmUp.exitCode()).as(warmUp.describe()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "cut", "pause"})
    void aServiceComesBackElsewhereAndItsNodeComesBackWhenItIsHealed(String fault) {
        dev.awaitAllUp();
        Answer before = awaitAnswer("at first", answer -> true);

        broken = Optional.of(before.node());
        assertThat(dev.does(fault, before.node())).contains("quorate dev heal " + before.node());

        Answer after = awaitAnswer("from elsewhere", answer -> !answer.node().equals(before.node()));
        assertThat(after.token()).isGreaterThan(before.token());
        Event up = awaitEvent(after);
        assertThat(up.getFromNode()).isEqualTo(before.node());
        assertThat(up.getToNode()).isEqualTo(after.node());
        Duration outage =
                Duration.ofSeconds(up.getOutage().getSeconds(), up.getOutage().getNanos());
        assertThat(outage).isPositive().isLessThan(Dev.PATIENCE);
        assertThat(dev.must("history", "web").output())
                .containsPattern(before.node() + " +" + after.node() + " .* \\d+(\\.\\d)? s");

        assertThat(dev.does("heal", before.node())).startsWith(before.node() + " is on again, and up");
        broken = Optional.empty();
        dev.awaitAllUp();
        Answer now = awaitAnswer("when all is mended", answer -> true);
        assertThat(now).as("nothing moves back").isEqualTo(after);
    }

    /** The service answers a moment before the cluster has heard that it runs. */
    private static Event awaitEvent(Answer after) {
        Event[] found = new Event[1];
        Await.until("the failover is in the history", Dev.PATIENCE, () -> {
            found[0] = dev.history("web").stream()
                    .filter(event -> event.getKind().equals("RESOURCE_UP")
                            && event.getToken().getNumber() == after.token())
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    /** A service of three processes: one cleared its environment, one left its parents. */
    private static String daemons(int number) {
        return """
                kind: Resource
                name: daemons
                process:
                  command: [sh, -c, "env -i sleep %1$d1 & (setsid -f sleep %1$d2); exec sleep %1$d3"]
                """.formatted(number);
    }

    private static List<String> sleepers(int number) {
        return Dev.processes("sleep " + number).stream()
                .filter(process -> process.matches("\\d+: sleep " + number + "[123] "))
                .toList();
    }

    private static void awaitSleepers(int number) {
        Await.until(
                "all processes of the service run",
                Dev.PATIENCE,
                () -> sleepers(number).size() == 3);
    }

    @Test
    void aKilledNodeTakesAlongWhatLeftItsParentsOrClearedItsEnvironment() throws Exception {
        int number = 70_100;
        dev.awaitAllUp();
        dev.apply(daemons(number));
        awaitSleepers(number);
        List<String> before = sleepers(number);
        String owner = dev.owner("daemons");

        broken = Optional.of(owner);
        assertThat(dev.does("kill", owner)).startsWith(owner + " is off: ");

        assertThat(sleepers(number)).doesNotContainAnyElementsOf(before);
        assertThat(dev.does("heal", owner)).startsWith(owner + " is on again, and up");
        broken = Optional.empty();
        dev.must("delete", "daemons");
        assertThat(sleepers(number)).isEmpty();
    }

    @Test
    void aSecondClusterOnTheSamePortsSaysWhichIsTakenOrWhereTheFirstIs() {
        String base = Integer.toString(ports);
        String elsewhere = root.resolve("same-ports").toString();
        Result taken = product.run(List.of(), "dev", "--port-base", base, "--dir", elsewhere);
        assertThat(taken.exitCode()).isEqualTo(1);
        assertThat(taken.error()).isEqualTo("error: port " + base + " is taken: choose others with --port-base\n");
        String first = root.resolve("three").toString();
        Result same = product.run(List.of(), "dev", "--port-base", Integer.toString(ports + 40), "--dir", first);
        assertThat(same.exitCode()).isEqualTo(1);
        assertThat(same.error()).contains("a dev cluster runs in " + first + " already");
        assertThat(dev.must("status").output()).contains("n1", "n2", "n3");
    }

    @Test
    void aSecondClusterWorksBesideTheFirstAndCtrlCLeavesNothingOfIt() throws Exception {
        int number = 70_200;
        Path dir = root.resolve("second");
        try (Dev killed = Dev.start(product, dir, ports + 40, 1).awaitReady()) {
            killed.apply(daemons(number));
            awaitSleepers(number);
            killed.signal("KILL");
            assertThat(killed.processes()).as("what nobody ended").isNotEmpty();
        }
        try (Dev kept = Dev.start(product, dir, ports + 40, 1, "--keep").awaitReady()) {
            assertThat(sleepers(number)).as("those of the cluster before").isEmpty();
            kept.apply(daemons(number));
            awaitSleepers(number);
            kept.signal("INT");
            assertThat(kept.processes()).isEmpty();
            assertThat(sleepers(number)).isEmpty();
            assertThat(kept.output()).endsWith("stopped; kept: " + dir + "\n");
            assertThat(dir.resolve("n1/server.log")).isNotEmptyFile();
        }
        try (Dev again = Dev.start(product, dir, ports + 40, 1).awaitReady()) {
            awaitSleepers(number);
            again.signal("INT");
            assertThat(sleepers(number)).isEmpty();
            assertThat(again.output()).as("what was kept stays").endsWith("stopped; kept: " + dir + "\n");
        }
        Path other = root.resolve("third");
        try (Dev starting = Dev.start(product, other, ports + 40, 1)) {
            Await.until(
                    "a server is started",
                    Dev.PATIENCE,
                    () -> starting.processes().stream().anyMatch(process -> process.contains(" server --node n1 ")));
            starting.signal("INT");
            assertThat(starting.processes()).isEmpty();
            assertThat(starting.output()).isEqualTo("stopped; " + other + " deleted (--keep keeps it)\n");
            assertThat(other).doesNotExist();
        }
    }
}
