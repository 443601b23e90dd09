package io.quorate.jepsen.real.load;

import io.quorate.client.Endpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The clients of the fault runs, in a process and a network of their own. Reads commands, each a line, and answers each with a
 * line when it is done: {@code work RUN SEED SECONDS DIRECTORY}, then {@code calm}, then {@code verify}.
 */
public final class LoadMain {
    private LoadMain() {}

    /** Arguments: endpoints, the directory of a client's certificates, services that may be moved. */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<Endpoint> endpoints = Endpoint.parseList(args[0]);
        Path pki = Path.of(args[1]);
        List<String> services = List.of(args[2].split(",", -1));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ", -1);
            if (!words[0].equals("work")) {
                throw new IllegalArgumentException("nothing to do for " + line);
            }
            Path directory = Files.createDirectories(Path.of(words[4]));
            try (Servers servers = new Servers(endpoints, pki)) {
                Load load = new Load(words[1], Long.parseLong(words[2]), services, servers, directory);
                load.work(Duration.ofSeconds(Long.parseLong(words[3])));
                done(line);
                require(commands, "calm");
                load.calm();
                done("calm");
                require(commands, "verify");
                load.verify();
                done("verify");
            }
        }
    }

    private static void require(BufferedReader commands, String command) throws IOException {
        String line = commands.readLine();
        if (!command.equals(line)) {
            throw new IllegalArgumentException("expected " + command + ", not " + line);
        }
    }

    private static void done(String what) {
        System.out.println("done " + what);
        System.out.flush();
    }
}
