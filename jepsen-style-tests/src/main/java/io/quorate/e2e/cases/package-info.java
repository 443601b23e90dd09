/** The cases: a fault each, and what must follow. */
@NullMarked
package io.quorate.e2e.cases;

import org.jspecify.annotations.NullMarked;
