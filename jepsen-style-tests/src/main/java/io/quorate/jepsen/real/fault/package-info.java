/** What the nemesis can do; one class for each kind of fault. */
@NullMarked
package io.quorate.jepsen.real.fault;

import org.jspecify.annotations.NullMarked;
