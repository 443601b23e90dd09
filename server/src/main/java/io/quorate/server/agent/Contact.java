package io.quorate.server.agent;

import io.quorate.v1.NodePhase;

/**
 * What the agent knows about its contact with the cluster at one moment.
 *
 * @param confirmed it has a set of work from a confirmed leader for its present session (ConfirmedToken)
 * @param leaseLive the lease, counted from the send of the last confirmed renewal, still runs
 * @param leaseEnded there was a lease in this boot and it is over
 * @param paused the cluster is paused: look, touch nothing
 */
public record Contact(boolean confirmed, boolean leaseLive, boolean leaseEnded, NodePhase phase, boolean paused) {}
