package io.quorate.server.agent.exec;

/** Makes and finds cells. One for each agent's data directory: two agents on one machine never see each other's. */
public interface Cells {
    /** The cell of a member's own processes. */
    Cell ofMember(String instance, String resource);

    /** The cell of an operation that leaves nothing behind: monitor, stop, validate. Emptied after each. */
    Cell ofOperation(String instance, String resource);

    /** What holds the cells, for people: "cgroup v2 at /sys/fs/cgroup/quorate/…". */
    String description();
}
