/** Validation and application of committed commands: one rule per command, one reducer for all changes. */
@NullMarked
package io.quorate.statemachine.apply;

import org.jspecify.annotations.NullMarked;
