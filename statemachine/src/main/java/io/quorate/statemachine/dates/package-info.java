/**
 * Whether a condition of dates holds at an instant, and when that changes: for the policy, and for rules in a CIB. Zones by
 * name are those of the Java that runs, so that nothing here may be asked when a command is applied.
 */
@NullMarked
package io.quorate.statemachine.dates;

import org.jspecify.annotations.NullMarked;
