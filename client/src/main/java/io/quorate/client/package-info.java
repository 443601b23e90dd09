/** The Java client library. */
@NullMarked
package io.quorate.client;

import org.jspecify.annotations.NullMarked;
