/** Runs of real processes under real faults, chosen by a seed; see {@code jepsen-style-tests/bin/real}. */
@NullMarked
package io.quorate.jepsen.real;

import org.jspecify.annotations.NullMarked;
