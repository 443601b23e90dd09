package io.quorate.jepsen.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    private Path directory;

    private static Report some(long operations, double outage) {
        return new Report(
                List.of(
                        new Report.Case("a", Report.Result.PASSED, ""),
                        new Report.Case("b", Report.Result.FAILED, "it \"broke\"")),
                operations,
                new TreeMap<>(Map.of("cut", 2L, "kill", 1L)),
                new TreeMap<>(Map.of("I1", 7L)),
                outage);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = directory.resolve("not/yet/there.json");
        some(12, 3.5).write(file);
        assertThat(Report.read(file)).isEqualTo(some(12, 3.5));
    }

    @Test
    void twoRunsAreOne() {
        Report sum = some(12, 3.5).plus(some(8, 1));
        assertThat(sum.cases()).hasSize(4);
        assertThat(sum.operations()).isEqualTo(20);
        assertThat(sum.faults()).isEqualTo(Map.of("cut", 4L, "kill", 2L));
        assertThat(sum.evaluated()).isEqualTo(Map.of("I1", 14L));
        assertThat(sum.worstOutageMillis()).isEqualTo(3.5);
        assertThat(sum.passed()).isFalse();
        assertThat(sum.count(Report.Result.PASSED)).isEqualTo(2);
    }

    @Test
    void aFileOfAnotherFormIsNoReport() throws IOException {
        Path file =
                Files.writeString(directory.resolve("x.json"), "{\"cases\": [{\"name\": \"a\", \"result\": \"ok\"}]}");
        assertThatThrownBy(() -> Report.read(file))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " is no report: 'ok' is none of passed, failed, skipped");
    }
}
