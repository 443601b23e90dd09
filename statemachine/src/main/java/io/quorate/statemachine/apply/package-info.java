/** Command → verdict → changes → new state. Small, stable, deterministic; it does not know the policy. */
@org.jspecify.annotations.NullMarked
package io.quorate.statemachine.apply;
