package io.quorate.server.agent.exec;

/** OCF exit codes and their names, as reports and messages show them. */
public final class ExitCodes {
    public static final int OK = 0;
    public static final int ERR_GENERIC = 1;
    public static final int ERR_ARGS = 2;
    public static final int ERR_UNIMPLEMENTED = 3;
    public static final int ERR_PERM = 4;
    public static final int ERR_INSTALLED = 5;
    public static final int ERR_CONFIGURED = 6;
    public static final int NOT_RUNNING = 7;
    public static final int RUNNING_PROMOTED = 8;
    public static final int FAILED_PROMOTED = 9;
    public static final int DEGRADED = 190;
    public static final int DEGRADED_PROMOTED = 191;
    /** Not an exit code of a program: it was killed at its timeout. */
    public static final int TIMED_OUT = 198;

    private ExitCodes() {}

    public static String name(int code) {
        return switch (code) {
            case OK -> "ok";
            case ERR_GENERIC -> "error";
            case ERR_ARGS -> "invalid parameter";
            case ERR_UNIMPLEMENTED -> "unimplemented feature";
            case ERR_PERM -> "insufficient privileges";
            case ERR_INSTALLED -> "not installed";
            case ERR_CONFIGURED -> "not configured";
            case NOT_RUNNING -> "not running";
            case RUNNING_PROMOTED -> "promoted";
            case FAILED_PROMOTED -> "promoted (failed)";
            case 189 -> "unfencing required";
            case DEGRADED -> "degraded";
            case DEGRADED_PROMOTED -> "promoted (degraded)";
            case TIMED_OUT -> "timed out";
            default -> code > 128 && code < 128 + 65 ? "killed by signal " + (code - 128) : "exit code " + code;
        };
    }
}
