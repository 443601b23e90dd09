/** What a person does with {@code quorate dev}, on the built product. */
@NullMarked
package io.quorate.e2e.dev;

import org.jspecify.annotations.NullMarked;
