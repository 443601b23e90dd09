package io.quorate.server.agent.exec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What every started process gets and nothing else: no variable of this process is inherited. */
public final class CleanEnvironment {
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Map<String, String> fixed = new TreeMap<>();

    private CleanEnvironment(String path, Map<String, String> always) {
        fixed.put("PATH", path);
        fixed.put("LC_ALL", "C.UTF-8");
        add(fixed, always);
    }

    /** The fixed path and nothing of this node's own. */
    public static CleanEnvironment plain() {
        return new CleanEnvironment(PATH, Map.of());
    }

    /** With directories before the fixed path, and variables that every process of this node gets. */
    public static CleanEnvironment of(List<Path> directories, Map<String, String> always) {
        StringBuilder path = new StringBuilder();
        directories.forEach(directory -> path.append(directory).append(':'));
        return new CleanEnvironment(path + PATH, always);
    }

    /** Where programs are looked for. */
    public String path() {
        return fixed.getOrDefault("PATH", PATH);
    }

    /** The fixed variables with these on top; names that change how programs load or shells start are refused. */
    public Map<String, String> with(Map<String, String> added) {
        Map<String, String> environment = new TreeMap<>(fixed);
        add(environment, added);
        return environment;
    }

    private static void add(Map<String, String> environment, Map<String, String> added) {
        added.forEach((name, value) -> environment.put(checkedName(name), Texts.checkedValue(name, value)));
    }

    private static String checkedName(String name) {
        if (!Texts.PARAMETER_NAME.matcher(name).matches()) {
            throw new RefusedException("environment name not allowed: " + name);
        }
        if (name.startsWith("LD_") || name.equals("BASH_ENV") || name.equals("ENV") || name.equals("IFS")) {
            throw new RefusedException("environment name not allowed, it changes how programs are loaded: " + name);
        }
        return name;
    }
}
