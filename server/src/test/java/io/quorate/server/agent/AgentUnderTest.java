package io.quorate.server.agent;

import picocli.CommandLine;

/** Main class of the agent processes that tests start and kill. */
public final class AgentUnderTest {
    private AgentUnderTest() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new AgentCommand()).execute(arguments));
    }
}
