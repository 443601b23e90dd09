/** The end-to-end suite: real hosts in namespaces, real resource agents, faults, and a witness that knows what ran. */
@NullMarked
package io.quorate.e2e;

import org.jspecify.annotations.NullMarked;
