/** The replicated state as immutable values, and pure look-ups on it. */
@org.jspecify.annotations.NullMarked
package io.quorate.statemachine.model;
