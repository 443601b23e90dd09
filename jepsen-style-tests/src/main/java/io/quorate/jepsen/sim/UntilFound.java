package io.quorate.jepsen.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs seeds until something is found: what {@code bin/mutate} runs on mutants. FIRST COUNT GUARD, with "-" for no guard. */
public final class UntilFound {
    private UntilFound() {}

    public static void main(String[] arguments) throws IOException {
        long first = Long.parseLong(arguments[0]);
        int seeds = Integer.parseInt(arguments[1]);
        Mutation mutation = arguments[2].equals("-") ? Mutation.NONE : Mutation.without(arguments[2]);
        for (long seed = first; seed < first + seeds; seed++) {
            Path directory = Files.createTempDirectory("seed");
            String violation = SimRun.of(seed, directory, mutation, null).violation();
            if (violation != null) {
                System.out.println("found " + seed + " " + violation);
                System.exit(0);
            }
        }
        System.out.println("nothing found");
        System.exit(0);
    }
}
