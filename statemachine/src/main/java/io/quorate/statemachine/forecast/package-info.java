/**
 * What would happen: the production policy and the production rules over a copy of the state, with agents that do what
 * they are told in the time that it usually takes. A pure function; nothing here is seen by apply or by the policy.
 */
@NullMarked
package io.quorate.statemachine.forecast;

import org.jspecify.annotations.NullMarked;
