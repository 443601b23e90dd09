/** Commands: guarded intents, their kinds, read sets and encoding. */
@NullMarked
package io.quorate.statemachine.command;

import org.jspecify.annotations.NullMarked;
