/**
 * Decides what recorded histories show: whether what clients saw of a service can be explained by operations that took
 * effect one at a time.
 */
@NullMarked
package io.quorate.jepsen.check;

import org.jspecify.annotations.NullMarked;
