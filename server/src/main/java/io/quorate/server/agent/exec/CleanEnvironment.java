package io.quorate.server.agent.exec;

import java.util.Map;
import java.util.TreeMap;

/** What every started process gets and nothing else: no variable of this process is inherited. */
public final class CleanEnvironment {
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private CleanEnvironment() {}

    /** The fixed variables with these on top; names that change how programs load or shells start are refused. */
    public static Map<String, String> with(Map<String, String> added) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("PATH", PATH);
        environment.put("LC_ALL", "C.UTF-8");
        added.forEach((name, value) -> environment.put(checkedName(name), Texts.checkedValue(name, value)));
        return environment;
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
