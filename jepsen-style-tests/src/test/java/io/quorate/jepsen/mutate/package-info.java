/** Tests of the mutation check. */
@NullMarked
package io.quorate.jepsen.mutate;

import org.jspecify.annotations.NullMarked;
