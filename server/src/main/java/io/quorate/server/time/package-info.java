/** Time as an injected dependency: nothing in the server reads a clock of the machine directly. */
@NullMarked
package io.quorate.server.time;

import org.jspecify.annotations.NullMarked;
