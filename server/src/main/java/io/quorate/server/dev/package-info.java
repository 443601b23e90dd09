/** A cluster on one machine for trying things out, and the small services that its examples run. */
@NullMarked
package io.quorate.server.dev;

import org.jspecify.annotations.NullMarked;
