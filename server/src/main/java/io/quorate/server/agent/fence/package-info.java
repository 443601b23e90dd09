/** Fence devices: switched off and read back through fence agents. */
@NullMarked
package io.quorate.server.agent.fence;

import org.jspecify.annotations.NullMarked;
