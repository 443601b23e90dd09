package io.quorate.jepsen.mutate;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Makes mutants, and runs the simulation and tests with them, each in a process of its own that sees the mutant's classes first. */
final class Workshop {
    private static final List<String> MODULES = List.of("statemachine", "client", "server", "jepsen-style-tests");
    private static final int MAX_MINUTES = 5;

    private final Path root;
    private final Path work;
    private final String classPath;
    private final Map<Long, Boolean> cleanSeeds = new ConcurrentHashMap<>();

    /** @param work an empty directory */
    Workshop(Path root, Path work) throws IOException {
        this.root = root;
        this.work = work;
        List<String> places = new ArrayList<>();
        places.add(root.resolve("jepsen-style-tests/target/classes").toString());
        MODULES.forEach(module ->
                places.add(root.resolve(module + "/target/test-classes").toString()));
        places.add(Files.readString(root.resolve("jepsen-style-tests/target/test.classpath"))
                .strip());
        classPath = String.join(File.pathSeparator, places);
    }

    /** The directory with the classes of a mutant's source. */
    Path compile(Mutant mutant) throws IOException {
        Path source = work.resolve(mutant.name()).resolve("source").resolve(mutant.where() + ".java");
        Path classes = Files.createDirectories(work.resolve(mutant.name()).resolve("classes"));
        Files.createDirectories(work.resolve(mutant.name()).resolve("source"));
        Files.writeString(source, mutant.applied(root));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options =
                    List.of("-d", classes.toString(), "-cp", classPath, "-proc:none", "-nowarn", "--release", "17");
            if (!compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IllegalStateException("mutants/" + mutant.name() + " does not compile: " + said);
            }
        }
        return classes;
    }

    /**
     * The first seed in which the simulation finds something that it does not find in the product as it is.
     *
     * @param without a rule or a fake of the simulation; empty = none
     */
    OptionalLong simulate(@Nullable Path classes, String without, int seeds) throws IOException, InterruptedException {
        OptionalLong found = simulated(classes, without, 1, seeds);
        if (found.isEmpty()) {
            return found;
        }
        long seed = found.getAsLong();
        Boolean clean = cleanSeeds.get(seed);
        if (clean == null) {
            clean = simulated(null, "", seed, 1).isEmpty();
            cleanSeeds.put(seed, clean);
        }
        if (!clean) {
            throw new IllegalStateException(
                    "seed " + seed + " finds something with all guards: see bin/simulate --seed " + seed);
        }
        return found;
    }

    private OptionalLong simulated(@Nullable Path classes, String without, long first, int seeds)
            throws IOException, InterruptedException {
        List<String> said = run(
                classes,
                root,
                List.of(
                        "io.quorate.jepsen.sim.UntilFound",
                        String.valueOf(first),
                        String.valueOf(seeds),
                        without.isEmpty() ? "-" : without));
        for (String line : said) {
            if (line.startsWith("found ")) {
                return OptionalLong.of(Long.parseLong(line.split(" ", -1)[1]));
            }
        }
        if (!said.contains("nothing found")) {
            throw new IllegalStateException("the simulation did not end: " + tail(said));
        }
        return OptionalLong.empty();
    }

    /** Tests must pass with all guards, or that they fail without one says nothing. */
    void requireSound(Collection<String> tests) throws IOException, InterruptedException {
        Map<String, String> results = test(null, tests);
        for (String test : tests) {
            String result = results.getOrDefault(test, "did not run");
            if (!result.equals("passed")) {
                throw new IllegalStateException(test + " does not pass with all guards: " + result);
            }
        }
    }

    /** All scripts of guards: by guard, whether its script passes with it and fails without. */
    Map<String, Boolean> scripts() throws IOException, InterruptedException {
        Map<String, String> results = tests(null, "statemachine", List.of("ScriptTest"));
        Map<String, Boolean> scripts = new TreeMap<>();
        for (String name : results.keySet()) {
            if (name.startsWith("without ")) {
                String guard = name.substring("without ".length());
                scripts.put(guard, "passed".equals(results.get(name)) && "passed".equals(results.get(guard + ".txt")));
            }
        }
        return scripts;
    }

    /**
     * What came of tests: "passed", or why not. CLASS.METHOD, or stories/NAME.
     *
     * @param classes of a mutant; null for the product as it is
     */
    Map<String, String> test(@Nullable Path classes, Collection<String> tests)
            throws IOException, InterruptedException {
        Map<String, String> results = new TreeMap<>();
        for (String module : MODULES) {
            List<String> own = new ArrayList<>();
            for (String test : tests) {
                if (module.equals(moduleOf(test))) {
                    own.add(test);
                }
            }
            if (!own.isEmpty()) {
                results.putAll(tests(classes, module, own));
            }
        }
        results.keySet().retainAll(tests);
        return results;
    }

    private Map<String, String> tests(@Nullable Path classes, String module, List<String> tests)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("io.quorate.jepsen.mutate.RunTests"));
        for (String test : tests) {
            command.add(test.startsWith("stories/") ? test : nameOf(module, test));
        }
        Map<String, String> results = new TreeMap<>();
        for (String line : run(classes, root.resolve(module), command)) {
            String[] cells = line.split("\t", -1);
            if (cells.length == 4 && cells[0].equals("TEST")) {
                results.put(cells[1], cells[2].equals("passed") ? "passed" : cells[3]);
            }
        }
        return results;
    }

    private String moduleOf(String test) throws IOException {
        if (test.startsWith("stories/")) {
            return "statemachine";
        }
        for (String module : MODULES) {
            if (!file(module, test).isEmpty()) {
                return module;
            }
        }
        throw new IllegalStateException("there is no test " + test);
    }

    private String nameOf(String module, String test) throws IOException {
        Path tree = root.resolve(module + "/target/test-classes");
        String type = tree.relativize(file(module, test).get(0)).toString();
        int point = test.indexOf('.');
        return type.replace(".class", "").replace('/', '.') + (point < 0 ? "" : "#" + test.substring(point + 1));
    }

    private List<Path> file(String module, String test) throws IOException {
        int point = test.indexOf('.');
        String file = (point < 0 ? test : test.substring(0, point)) + ".class";
        try (Stream<Path> files = Files.walk(root.resolve(module + "/target/test-classes"))) {
            return files.filter(path -> path.endsWith(file)).toList();
        }
    }

    private List<String> run(@Nullable Path classes, Path directory, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                // most of these processes are over before the better compiler has paid
                "-XX:TieredStopAtLevel=1",
                "-Dquorate.root=" + root,
                "-Djava.io.tmpdir=" + work,
                "-cp",
                (classes == null ? "" : classes + File.pathSeparator) + classPath));
        command.addAll(arguments);
        Path said = Files.createTempFile(work, "said", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                throw new IllegalStateException(String.join(" ", arguments) + " did not end");
            }
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(said);
    }

    private static String tail(List<String> said) {
        return String.join(" / ", said.subList(Math.max(0, said.size() - 3), said.size()));
    }
}
