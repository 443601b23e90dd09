package io.quorate.jepsen.real.fault;

/** To whom a fault happens; who that is shows when it is injected. */
public enum Role {
    /** The host whose server leads. */
    LEADER,
    /** The host that runs the service. */
    OWNER,
    N1,
    N2,
    N3
}
