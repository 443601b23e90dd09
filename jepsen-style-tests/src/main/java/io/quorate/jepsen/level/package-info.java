/** Levels: which checks are run before a change is merged, by continuous integration, and for hours. */
@NullMarked
package io.quorate.jepsen.level;

import org.jspecify.annotations.NullMarked;
