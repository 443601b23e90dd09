/** Ground truth: what ran when, and what a client saw, on the kernel's monotonic clock. */
@NullMarked
package io.quorate.e2e.witness;

import org.jspecify.annotations.NullMarked;
