/**
 * The leader: it watches the nodes' heartbeats, declares losses, coordinates fencing, turns the policy's plans into
 * commands and tells each agent what to do. Everything here is soft state, dropped when the leadership ends; what must
 * survive goes through the log. One thread, one queue of named events, injected clock.
 */
@NullMarked
package io.quorate.server.leader;

import org.jspecify.annotations.NullMarked;
