package io.quorate.e2e;

import io.quorate.e2e.cases.AllCases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The harness behind {@code jepsen-style-tests/bin/e2e}, which prepares the machine and cleans up after it. */
public final class SuiteMain {
    private static final List<String> DIRECTORIES = List.of("--work", "--product", "--cgroup", "--evidence", "--guide");

    private SuiteMain() {}

    /**
     * Options {@code --work --product --cgroup --evidence DIR --guide FILE --prefix TEXT [--json FILE] [--repeat N]}, then names of cases;
     * none = all. Each chosen case runs N times in a row.
     */
    public static void main(String[] args) throws IOException {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].startsWith("--") && i + 1 < args.length) {
                options.put(args[i], args[++i]);
            } else {
                names.add(args[i]);
            }
        }
        List<Case> chosen = choose(names);
        int repeats = Integer.parseInt(options.getOrDefault("--repeat", "1"));
        Map<String, Path> paths =
                DIRECTORIES.stream().collect(Collectors.toMap(name -> name, name -> directory(options, name)));
        Suite.Environment environment = new Suite.Environment(
                required(paths, "--work"),
                required(paths, "--product"),
                required(paths, "--cgroup"),
                options.getOrDefault("--prefix", "qe"),
                required(paths, "--evidence"),
                required(paths, "--guide"));
        List<Outcome> outcomes = new ArrayList<>();
        try (Suite suite = new Suite(environment, SuiteMain::say)) {
            for (Case test : chosen) {
                for (int time = 0; time < repeats; time++) {
                    System.out.println("case " + test.name() + ": " + test.title());
                    Outcome outcome = suite.run(test);
                    outcomes.add(outcome);
                    System.out.print(Report.header() + Report.row(outcome));
                }
            }
        }
        finish(outcomes, options);
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private static void finish(List<Outcome> outcomes, Map<String, String> options) throws IOException {
        System.out.print("\n" + Report.header());
        outcomes.forEach(outcome -> System.out.print(Report.row(outcome)));
        outcomes.stream()
                .filter(outcome -> outcome.result() == Outcome.Result.FAILED)
                .forEach(outcome -> System.out.println("\ncase " + outcome.name() + ": " + outcome.reason()));
        String json = options.get("--json");
        if (json != null) {
            Report.write(Path.of(json), outcomes);
        }
        System.out.println("\n" + Report.totals(outcomes));
        boolean failed = outcomes.isEmpty() || Report.count(outcomes, Outcome.Result.FAILED) > 0;
        System.exit(failed ? 1 : 0);
    }

    private static List<Case> choose(List<String> names) {
        List<Case> all = AllCases.list();
        for (String name : names) {
            if (all.stream().noneMatch(test -> test.name().equals(name))) {
                System.err.println("no case " + name + "; cases:");
                all.forEach(test -> System.err.println("  " + test.name() + "  " + test.title()));
                System.exit(2);
            }
        }
        return names.isEmpty()
                ? all
                : all.stream().filter(test -> names.contains(test.name())).toList();
    }

    private static Path directory(Map<String, String> options, String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing; start the suite with jepsen-style-tests/bin/e2e");
        }
        return Path.of(value).toAbsolutePath();
    }

    private static Path required(Map<String, Path> paths, String name) {
        Path path = paths.get(name);
        if (path == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return path;
    }
}
