package io.quorate.e2e.dev;

import io.quorate.e2e.lab.Commands;
import io.quorate.e2e.lab.Commands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The launcher with its jars, as this build has made them, apart from the sources: so nothing builds it again meanwhile. */
final class Product {
    private static final Duration CALL = Duration.ofMinutes(2);

    private final Path launcher;

    private Product(Path launcher) {
        this.launcher = launcher;
    }

    /** Copies it, and lets the launcher make its archives of classes, as its first two uses do. */
    static Product copy(Path to) throws IOException {
        Path tree = Path.of(System.getProperty("quorate.root"));
        Path jars = tree.resolve("server/target");
        if (!Files.exists(jars.resolve("quorate-server.jar"))) {
            throw new IOException("no jar in " + jars + ": this test runs in `mvn verify`, which makes it");
        }
        Path target = Files.createDirectories(to.resolve("server/target/lib")).getParent();
        Files.copy(jars.resolve("quorate-server.jar"), target.resolve("quorate-server.jar"));
        try (var libraries = Files.newDirectoryStream(jars.resolve("lib"))) {
            for (Path library : libraries) {
                Files.copy(library, target.resolve("lib").resolve(library.getFileName()));
            }
        }
        Path launcher = to.resolve("quorate");
        Files.copy(tree.resolve("quorate"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
        Product product = new Product(launcher);
        product.run(List.of(), "version");
        product.run(List.of(), "server", "--help");
        return product;
    }

    /** The file of the examples, with another port for its service. */
    static String example(int servicePort) throws IOException {
        return Files.readString(Path.of(System.getProperty("quorate.root"), "examples", "web.yaml"))
                .replace("8088", Integer.toString(servicePort));
    }

    /** {@code quorate WORDS…}, with variables as in {@code NAME=value}, to its end. */
    Result run(List<String> variables, String... words) {
        return Commands.run(CALL, command(variables, words));
    }

    /**
     * Starts {@code quorate WORDS…}; it hears Ctrl-C even when this process, as one in the background of a script, does not.
     */
    Process start(Path output, String... words) throws IOException {
        return new ProcessBuilder(command(List.of("--default-signal=INT"), words))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .start();
    }

    private List<String> command(List<String> variables, String... words) {
        // With the JDK of this build, whichever the launcher would find.
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(variables);
        command.addAll(List.of("QUORATE_JAVA=" + java, launcher.toString()));
        command.addAll(List.of(words));
        return command;
    }
}
