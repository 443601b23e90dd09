/** What clients do to the cluster during a run, and what they see. */
@NullMarked
package io.quorate.jepsen.real.load;

import org.jspecify.annotations.NullMarked;
