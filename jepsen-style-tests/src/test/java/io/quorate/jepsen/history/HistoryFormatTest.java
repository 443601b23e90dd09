package io.quorate.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.jepsen.check.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFormatTest {
    private static final String LOG = "INFO  jepsen.util - ";

    @TempDir
    private Path directory;

    private Path file(String... lines) throws IOException {
        return Files.writeString(directory.resolve("history"), String.join("\n", lines) + "\n");
    }

    private Verdict verdict(String... lines) throws Exception {
        return HistoryCheck.of(HistoryFormat.read(file(lines)), 10_000).verdict();
    }

    private void refused(String why, int line, String... lines) throws IOException {
        Path file = file(lines);
        assertThatThrownBy(() -> HistoryFormat.read(file))
                .isInstanceOfSatisfying(
                        HistoryException.class, e -> assertThat(e.line()).isEqualTo(line))
                .hasMessageContaining(why);
    }

    @Test
    void aLogOfJepsen() throws Exception {
        assertThat(verdict(
                        LOG + "0\t:invoke\t:write\t3",
                        LOG + "1\t:invoke\t:cas\t[3 4]",
                        LOG + ":nemesis\t:info\t:start\tcut off",
                        LOG + "0\t:info\t:write\t:timed-out",
                        LOG + "1\t:ok\t:cas\t[3 4]",
                        LOG + "2   :invoke   :read   nil",
                        LOG + "2   :fail   :read   :timed-out",
                        LOG + "1\t:invoke\t:read\tnil",
                        LOG + "1\t:ok\t:read\t4"))
                .isEqualTo(Verdict.LINEARIZABLE);
    }

    @Test
    void aCompareAndSetThatFailedSawAnotherValue() throws Exception {
        assertThat(verdict(
                        LOG + "0\t:invoke\t:write\t3",
                        LOG + "0\t:ok\t:write\t3",
                        LOG + "0\t:invoke\t:cas\t[3 4]",
                        LOG + "0\t:fail\t:cas\t[3 4]"))
                .isEqualTo(Verdict.ILLEGAL);
    }

    /** A compare and set that failed says what the register was not; one that could not be had says nothing. */
    @Test
    void aServiceThatCouldNotBeHadSaysNothingOfTheRegister() throws Exception {
        String[] lines = {
            "# quorate-history 1 register",
            "1\tc1\tinvoke\twrite\tk\t3",
            "2\tc1\tok\twrite\tk\t3",
            "3\tc1\tinvoke\tcas\tk\t[3 4]",
            "4\tc1\tfail\tcas\tk\t[3 4]"
        };
        assertThat(verdict(lines)).isEqualTo(Verdict.ILLEGAL);
        lines[4] = "4\tc1\tfail\tcas\tk\tunavailable";
        assertThat(verdict(lines)).isEqualTo(Verdict.LINEARIZABLE);
    }

    @Test
    void anAnswerThatNeverCameIsOpen() throws Exception {
        assertThat(verdict(LOG + "0\t:invoke\t:write\t3", LOG + "1\t:invoke\t:read\tnil", LOG + "1\t:ok\t:read\t3"))
                .isEqualTo(Verdict.LINEARIZABLE);
    }

    @Test
    void textsByTheirKeys() throws Exception {
        String[] lines = {
            "{:process 0, :type :invoke, :f :append, :key \"a\", :value \"x \\\"1\\\"\"}",
            "{:process 0, :type :ok, :f :append, :key \"a\", :value \"x \\\"1\\\"\"}",
            "{:process 0, :type :invoke, :f :get, :key \"b\", :value nil}",
            "{:process 0, :type :ok, :f :get, :key \"b\", :value \"\"}",
            "{:process 0, :type :invoke, :f :get, :key \"a\", :value nil}",
            "{:process 0, :type :ok, :f :get, :key \"a\", :value \"x \\\"1\\\"\"}",
        };
        assertThat(verdict(lines)).isEqualTo(Verdict.LINEARIZABLE);
        lines[3] = lines[3].replace(":value \"\"", ":value \"x\"");
        assertThat(verdict(lines)).isEqualTo(Verdict.ILLEGAL);
    }

    /** As large as a run makes them: no form of a pattern may run out of stack. */
    @Test
    void aLongText() throws Exception {
        String text = "x \\\" y".repeat(50_000);
        assertThat(verdict(
                        "{:process 0, :type :invoke, :f :put, :key \"a\", :value \"" + text + "\"}",
                        "{:process 0, :type :ok, :f :put, :key \"a\", :value \"" + text + "\"}"))
                .isEqualTo(Verdict.LINEARIZABLE);
    }

    @Test
    void ourOwn() throws Exception {
        assertThat(verdict(
                        "# quorate-history 1 register",
                        "10\tc1\tinvoke\twrite\tn1/a\t7",
                        "20\tc2\tinvoke\tread\tn1/b\t",
                        "30\tc2\tok\tread\tn1/b\tnil",
                        "40\tc1\tok\twrite\tn1/a\t7"))
                .isEqualTo(Verdict.LINEARIZABLE);
        assertThat(verdict(
                        "# quorate-history 1 lock",
                        "10\tc1\tinvoke\tacquire\tl\t",
                        "20\tc1\tok\tacquire\tl\t5",
                        "30\tc2\tinvoke\tacquire\tl\t",
                        "40\tc2\tok\tacquire\tl\t6"))
                .isEqualTo(Verdict.ILLEGAL);
    }

    @Test
    void whatIsNoHistorySaysWhere() throws Exception {
        refused("is of no known form", 1, "<xml/>");
        refused("is not a line of a history", 2, LOG + "0\t:invoke\t:write\t3", LOG + "0 wrote 3");
        refused("asks while its call of line 1", 2, LOG + "0\t:invoke\t:write\t3", LOG + "0\t:invoke\t:write\t4");
        refused("has asked for no such write", 1, LOG + "0\t:ok\t:write\t3");
        refused("has asked for no such read", 2, LOG + "0\t:invoke\t:write\t3", LOG + "0\t:ok\t:read\t3");
        refused("cas takes [FROM TO]", 1, LOG + "0\t:invoke\t:cas\t3", LOG + "0\t:ok\t:cas\t3");
        refused("knows read, write and cas", 1, LOG + "0\t:invoke\t:swap\t3", LOG + "0\t:ok\t:swap\t3");
        refused("MODEL one of register", 1, "# quorate-history 1 queue");
        refused(
                "a token is a number",
                3,
                "# quorate-history 1 lock",
                "10\tc1\tinvoke\tacquire\tl\t",
                "20\tc1\tok\tacquire\tl\tfive");
    }

    @Test
    void anEmptyFileAndOneThatIsNoText() throws Exception {
        Path empty = Files.writeString(directory.resolve("empty"), "");
        assertThatThrownBy(() -> HistoryFormat.read(empty)).hasMessage("is empty");
        Path bytes = Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> HistoryFormat.read(bytes)).hasMessage("is not text in UTF-8");
    }

    @Test
    void theLineThatMakesItIllegalIsNamedAndDrawn() throws Exception {
        HistoryCheck<?, ?> check = HistoryCheck.of(
                HistoryFormat.read(file(
                        LOG + "0\t:invoke\t:write\t3",
                        LOG + "0\t:ok\t:write\t3",
                        LOG + "1\t:invoke\t:read\tnil",
                        LOG + "1\t:ok\t:read\tnil",
                        LOG + "1\t:invoke\t:read\tnil",
                        LOG + "1\t:ok\t:read\tnil")),
                10_000);
        HistoryCheck.Explanation why = check.explain("h").orElseThrow();
        assertThat(why.text()).contains("the first 2 operations", "client 1, 'read nil' (line 3)");
        assertThat(why.html())
                .contains("<svg", "class=\"wrong\"", "write 3", "read nil")
                .doesNotContain("line 5");
    }
}
