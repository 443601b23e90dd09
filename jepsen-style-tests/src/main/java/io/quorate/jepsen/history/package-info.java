/** Recorded histories: their forms on disk, and what they come to. */
@NullMarked
package io.quorate.jepsen.history;

import org.jspecify.annotations.NullMarked;
