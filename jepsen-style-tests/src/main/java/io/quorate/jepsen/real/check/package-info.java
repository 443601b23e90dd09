/** What must hold of all that was seen during a run. */
@NullMarked
package io.quorate.jepsen.real.check;

import org.jspecify.annotations.NullMarked;
