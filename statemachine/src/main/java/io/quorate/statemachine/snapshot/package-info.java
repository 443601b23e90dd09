/** Snapshots as ordered changes, and the digest of a state. */
@NullMarked
package io.quorate.statemachine.snapshot;

import org.jspecify.annotations.NullMarked;
