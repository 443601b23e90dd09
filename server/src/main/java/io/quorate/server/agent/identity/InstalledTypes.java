package io.quorate.server.agent.identity;

import io.quorate.agent.v1.AgentTypes;
import io.quorate.statemachine.model.ReportedTypes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The OCF and fence agents of this machine, by the names that definitions call them. */
public final class InstalledTypes {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final String FENCE = "fence_";

    private InstalledTypes() {}

    /**
     * What is there now. A directory that is missing has none; one that cannot be read makes the answer incomplete.
     *
     * @param ocfRoot /usr/lib/ocf; agents are below its resource.d, in a directory for each provider
     * @param fenceAgents where fence agents are, normally /usr/sbin
     */
    public static AgentTypes list(Path ocfRoot, Path fenceAgents) {
        NavigableSet<String> names = new TreeSet<>();
        boolean complete = true;
        try {
            for (Path provider : entries(ocfRoot.resolve("resource.d"), "*")) {
                for (Path agent : entries(provider, "*")) {
                    if (isProgram(agent)) {
                        names.add("ocf:" + provider.getFileName() + ":" + agent.getFileName());
                    }
                }
            }
            for (Path agent : entries(fenceAgents, FENCE + "*")) {
                if (isProgram(agent)) {
                    names.add(agent.getFileName().toString());
                }
            }
        } catch (IOException | SecurityException e) {
            complete = false;
        }
        return ReportedTypes.bounded(AgentTypes.newBuilder()
                .addAllNames(names)
                .setIncomplete(!complete)
                .build());
    }

    private static List<Path> entries(Path directory, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            for (Path file : files) {
                if (WORD.matcher(file.getFileName().toString()).matches()) {
                    found.add(file);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    private static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
