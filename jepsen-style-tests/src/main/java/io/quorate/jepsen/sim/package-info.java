/**
 * Simulation: the production state machine, leader loop, policy and agent in virtual time, against a simulated Raft, network,
 * fence devices, services and operators that do what the seed says, with a look at the ground truth after every event.
 */
@NullMarked
package io.quorate.jepsen.sim;

import org.jspecify.annotations.NullMarked;
