/** Tests of whole clusters under faults. */
@NullMarked
package io.quorate.jepsen;

import org.jspecify.annotations.NullMarked;
