/**
 * The placement engine: a pure function from a problem (nodes, resources, rules, what runs where) to an answer (what should
 * run where, what has to be done next, and why). It knows neither the cluster's state nor Pacemaker's files; {@code policy}
 * and {@code cib} translate for it. Its words are the field's: primitive, group, clone, promoted, colocation, stickiness.
 */
@NullMarked
package io.quorate.statemachine.placement;

import org.jspecify.annotations.NullMarked;
