/** Mutation check of the tests: every guard is taken away alone, and somebody must notice; see {@code bin/mutate}. */
@NullMarked
package io.quorate.jepsen.mutate;

import org.jspecify.annotations.NullMarked;
