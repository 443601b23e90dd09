/** The leader loop: one thread, one event queue, an injected clock. */
@NullMarked
package io.quorate.server.leader;

import org.jspecify.annotations.NullMarked;
