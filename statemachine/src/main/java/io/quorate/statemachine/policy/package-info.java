/** Placement policy: a pure function from a state to decisions with reasons. The apply package may not see it. */
@NullMarked
package io.quorate.statemachine.policy;

import org.jspecify.annotations.NullMarked;
