/**
 * Placement policy and the explainer: pure functions of the state that run on the leader and in queries. Nothing here is
 * trusted by {@code apply}, which may not see it.
 */
@NullMarked
package io.quorate.statemachine.policy;

import org.jspecify.annotations.NullMarked;
