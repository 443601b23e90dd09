/** Java client of a Quorate cluster: endpoints, safe retries, typed errors and a cache fed by the watch. */
@NullMarked
package io.quorate.client;

import org.jspecify.annotations.NullMarked;
