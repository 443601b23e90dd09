/** The immutable state of a cluster. */
@NullMarked
package io.quorate.statemachine.model;

import org.jspecify.annotations.NullMarked;
