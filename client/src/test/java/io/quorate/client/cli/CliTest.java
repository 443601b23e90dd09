package io.quorate.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.quorate.client.FakeServer;
import io.quorate.v1.ClusterServiceGrpc;
import io.quorate.v1.GetSettingsResponse;
import io.quorate.v1.MoveResourceRequest;
import io.quorate.v1.MoveResourceResponse;
import io.quorate.v1.ResourceServiceGrpc;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;

/** A wrong command line is refused with a hint, and every failure has its exit code and at most three lines. */
class CliTest {
    private final CliRun cli = new CliRun();

    @Test
    void anUnknownVerbNamesTheNearest() {
        assertThat(cli.run("stauts")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).isEqualTo("error: no verb \"stauts\" · did you mean quorate status?\n");
    }

    @ParameterizedTest
    @CsvSource({
        "standby,quorate node drain NODE",
        "cleanup,quorate failures clear NAME",
        "switchover,quorate move NAME --promoted --to NODE",
        "describe,quorate explain NAME",
        "cordon,quorate node drain NODE",
    })
    void aWordOfAnotherToolIsTranslated(String word, String verb) {
        assertThat(cli.run(word)).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains(verb);
    }

    @Test
    void anUnknownOptionNamesTheNearest() {
        assertThat(cli.run("status", "--exitcode")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).isEqualTo("""
                        error: Unknown option: '--exitcode'
                               did you mean --exit-code? · quorate status --help
                        """);
    }

    @ParameterizedTest
    @CsvSource({
        "--timeout,5 s,is no duration",
        "--timeout,-5s,is no duration",
        "--at,14,not a position",
        "--at,1:-1,not a position",
        "-o,xml,'[table, wide, json, yaml]'",
    })
    void aBadValueIsAUsageError(String option, String value, String message) {
        assertThat(cli.run("get", option + (option.startsWith("--") ? "=" : "") + value))
                .isEqualTo(ExitCodes.USAGE);
        assertThat(cli.err()).contains(message).contains("quorate get --help");
    }

    @Test
    void optionsOfReadsAreNotAcceptedByWrites() {
        assertThat(cli.run("move", "web", "--at", "1:2")).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.run("status", "--reason", "x")).isEqualTo(ExitCodes.USAGE);
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT,2,error",
        "NOT_FOUND,3,not found",
        "ABORTED,4,conflict",
        "FAILED_PRECONDITION,6,refused",
        "PERMISSION_DENIED,6,refused",
    })
    void aRefusalTellsWhatWhyAndWhatToDo(Status.Code status, int exitCode, String word) {
        try (FakeServer server = new FakeServer()) {
            server.answer(ResourceServiceGrpc.getMoveResourceMethod(), request -> {
                throw FakeServer.failure(status, "SOME_CODE", "web may not", "next_step", "quorate explain web");
            });
            CliRun run = new CliRun(server);
            assertThat(run.run("move", "web", "--to", "n3")).isEqualTo(exitCode);
            assertThat(run.err()).isEqualTo(word + ": web may not    SOME_CODE\n       quorate explain web\n");
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void noServerIsExitCodeFive() {
        assertThat(cli.run("move", "web", "--timeout", "2s")).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli.err()).startsWith("not done: 127.0.0.1:1: ").doesNotContain("\tat ");
    }

    /** What is printed is what the next process needs: the id, and the position that this one knew. */
    @Test
    void anUnknownOutcomePrintsWhatRepeatsIt() {
        try (FakeServer server = new FakeServer()) {
            server.answer(
                    ClusterServiceGrpc.getGetSettingsMethod(),
                    request -> GetSettingsResponse.newBuilder()
                            .setHeader(FakeServer.header(42))
                            .build());
            server.on(ResourceServiceGrpc.getMoveResourceMethod(), (request, observer) -> {});
            CliRun run = new CliRun(server);
            assertThat(run.run("move", "web", "--timeout", "4s")).isEqualTo(ExitCodes.OUTCOME_UNKNOWN);
            Matcher printed = Pattern.compile("--request-id (\\S+@1:42):").matcher(run.err());
            assertThat(run.err()).startsWith("outcome unknown: ").contains("request id ");
            assertThat(printed.find()).as(run.err()).isTrue();

            server.answer(
                    ClusterServiceGrpc.getGetSettingsMethod(),
                    request -> GetSettingsResponse.newBuilder()
                            .setHeader(FakeServer.header(90))
                            .build());
            CliRun again = new CliRun(server);
            again.run("move", "web", "--timeout", "4s", "--request-id", printed.group(1));
            assertThat(server.requests(MoveResourceRequest.class))
                    .extracting(MoveResourceRequest::getOptions)
                    .allSatisfy(options -> {
                        assertThat(printed.group(1)).startsWith(options.getRequestId() + "@");
                        assertThat(options.getKnownPosition()).isEqualTo(FakeServer.position(42));
                    });
            assertThat(again.err()).contains(printed.group(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"5f0c", "5f0c@", "5f0c@42", "@1:42"})
    void aRepetitionWithoutItsPositionIsNotSent(String id) {
        try (FakeServer server = new FakeServer()) {
            server.on(ResourceServiceGrpc.getMoveResourceMethod(), (request, observer) -> {});
            CliRun run = new CliRun(server);
            assertThat(run.run("move", "web", "--request-id", id)).isEqualTo(ExitCodes.USAGE);
            assertThat(run.err()).contains("--request-id").contains("move --help");
            assertThat(server.requests(MoveResourceRequest.class)).isEmpty();
        }
    }

    @Test
    void stackTracesAreForVerboseOnly() {
        assertThat(cli.run("move", "web", "--timeout", "2s", "--verbose")).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(cli.err()).contains("\tat io.quorate");
    }

    @Test
    void optionsMayStandBeforeTheVerb() {
        try (FakeServer server = new FakeServer()) {
            server.answer(
                    ResourceServiceGrpc.getMoveResourceMethod(),
                    request -> MoveResourceResponse.newBuilder()
                            .setHeader(FakeServer.header(9))
                            .build());
            assertThat(cli.run("--endpoints", server.endpoint().toString(), "--verbose", "move", "web"))
                    .isZero();
            assertThat(cli.out()).isEqualTo("committed 1:9 · move web to the best other node\n");
        }
    }

    @Test
    void helpListsVerbsAndTopics() {
        assertThat(cli.run("help")).isZero();
        assertThat(cli.out()).contains("status", "node ", "drain", "exit-codes");
        assertThat(cli.run("help", "exit-codes")).isZero();
        assertThat(cli.out()).contains("9  outcome unknown");
        assertThat(cli.run("help", "node", "drain")).isZero();
        assertThat(cli.out()).contains("Usage: quorate node drain", "--if-revision");
    }

    @Test
    void everyVerbHasHelpWithTwoExamples() {
        for (VerbEntry verb : StandardVerbs.all()) {
            CliRun run = new CliRun();
            String[] words = (verb.name() + " --help").split(" ");
            assertThat(run.run(words)).as(verb.name()).isZero();
            if (!verb.name().equals("version")) {
                assertThat(run.out().lines().filter(line -> line.startsWith("  quorate ")))
                        .as("examples of " + verb.name())
                        .hasSizeGreaterThanOrEqualTo(2);
            }
        }
    }

    @Test
    void theCompletionScriptKnowsVerbsOfOtherModules() {
        int exitCode = cli.cli()
                .add(new VerbEntry("backup verify", "check a backup", context -> new VerifyVerb()))
                .run("completion");
        assertThat(exitCode).isZero();
        assertThat(cli.out()).contains("backup", "verify", "drain");
    }

    @Test
    void aVerbOfAnotherModuleRuns() {
        Cli more = cli.cli().add(new VerbEntry("backup verify", "check a backup", context -> new VerifyVerb()));
        assertThat(more.run("backup", "verify")).isEqualTo(41);
    }

    /** A verb as another module writes it. */
    @Command(name = "verify")
    static final class VerifyVerb implements Callable<Integer> {
        @Override
        public Integer call() {
            return 41;
        }
    }
}
