package io.quorate.statemachine.model;

/** Every bound of the replicated state, in one table. */
public final class Limits {
    public static final int NODES = 1_000;
    public static final int RESOURCES = 10_000;
    public static final int OBJECTS = 20_000;
    public static final int ATTRIBUTES_PER_NODE = 256;
    public static final int ATTRIBUTE_VALUE_BYTES = 4_096;
    public static final int OBJECT_BYTES = 65_536;
    public static final int MANIFESTS_PER_APPLY = 5_000;
    public static final int COMMAND_BYTES = 8 * 1024 * 1024;
    public static final int REASON_BYTES = 1_024;
    public static final int OUTPUT_TAIL_BYTES = 4_096;
    public static final int FINISHED_OPERATIONS = 1_000;
    public static final int RUNNING_OPERATIONS = 1_000;
    public static final int OPERATION_DETAIL_CHARACTERS = 1_024;
    public static final int CLOSED_TICKETS = 1_000;
    public static final int TICKET_ATTEMPTS = 10;
    public static final int SITE_TICKETS = 100;
    public static final int JOIN_TOKENS = 100;
    public static final int VOTERS = 9;
    public static final int FAILURES_PER_INSTANCE = 1_000;
    public static final int AGENT_TYPES = 2_000;
    public static final int AGENT_TYPE_BYTES = 128;

    private static final int NAME_CHARACTERS = 64;

    private Limits() {}

    /**
     * Names of nodes, resources, devices: also safe as a file name and in an environment. Letters and digits of ASCII, and '.',
     * '_' and '-' behind the first one; 64 characters at most.
     */
    public static boolean isName(String text) {
        if (text.isEmpty() || text.length() > NAME_CHARACTERS || !isLetterOrDigit(text.charAt(0))) {
            return false;
        }
        for (int index = 1; index < text.length(); index++) {
            char character = text.charAt(index);
            if (!isLetterOrDigit(character) && character != '.' && character != '_' && character != '-') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9');
    }
}
