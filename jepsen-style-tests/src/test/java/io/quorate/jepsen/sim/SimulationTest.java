package io.quorate.jepsen.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulation finds nothing in the product, and finds what is wrong with one that lacks a guard. */
class SimulationTest {
    private static final int SEEDS = 25;

    @TempDir
    private Path directory;

    private SimRun.Result run(long seed, Mutation mutation) throws IOException {
        return SimRun.of(seed, Files.createTempDirectory(directory, "seed"), mutation, null);
    }

    @Test
    void nothingThatMustNotHappenHappens() throws IOException {
        for (long seed = 1; seed <= SEEDS; seed++) {
            SimRun.Result result = run(seed, Mutation.NONE);
            assertThat(result.violation()).as("seed " + seed).isNull();
            assertThat(result.events()).isGreaterThan(2_000);
        }
    }

    @Test
    void aSeedIsReplayedExactly() throws IOException {
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        SimRun.Result once = SimRun.of(7, directory.resolve("once"), Mutation.NONE, first::add);
        SimRun.Result again = SimRun.of(7, directory.resolve("again"), Mutation.NONE, second::add);
        assertThat(again).isEqualTo(once);
        assertThat(second).isEqualTo(first).isNotEmpty();
    }

    /** Within so many seeds. What takes longer to find is for {@code bin/simulate --without}. */
    @ParameterizedTest
    @CsvSource({"Ledger, 3", "OwnerIncarnation, 3"})
    void theAbsenceOfAGuardIsFound(String guard, int within) throws IOException {
        Optional<String> found = Optional.empty();
        for (long seed = 1; seed <= within && found.isEmpty(); seed++) {
            found = Optional.ofNullable(run(seed, Mutation.without(guard)).violation());
        }
        assertThat(found).as("a seed in which " + guard + " is missed").isPresent();
    }

    @Test
    void aGuardThatIsNoneIsRefused() {
        assertThatThrownBy(() -> Mutation.without("Hope")).hasMessage("there is no guard of the name Hope");
    }
}
