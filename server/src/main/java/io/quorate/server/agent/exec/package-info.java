/** How a node starts, stops and watches things: processes in cells, OCF agents, supervised commands, systemd units. */
@NullMarked
package io.quorate.server.agent.exec;

import org.jspecify.annotations.NullMarked;
