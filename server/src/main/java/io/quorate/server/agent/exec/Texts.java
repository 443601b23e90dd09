package io.quorate.server.agent.exec;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Shapes of names and values that may reach a program. */
public final class Texts {
    public static final Pattern PARAMETER_NAME = Pattern.compile("^[A-Za-z_][A-Za-z0-9_]*$");
    public static final Pattern FILE_NAME = Pattern.compile("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");
    private static final int VALUE_LIMIT_BYTES = 64 * 1024;

    private Texts() {}

    public static String checkedParameter(String name) {
        if (!PARAMETER_NAME.matcher(name).matches()) {
            throw new RefusedException("parameter name not allowed: " + name);
        }
        return name;
    }

    /** A value without NUL or newline and at most 64 KiB; the message never shows the value. */
    public static String checkedValue(String name, String value) {
        if (value.indexOf('\0') >= 0 || value.indexOf('\n') >= 0) {
            throw new RefusedException("value of " + name + " has a NUL or a newline");
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > VALUE_LIMIT_BYTES) {
            throw new RefusedException("value of " + name + " is longer than 64 KiB");
        }
        return value;
    }
}
