/** Metrics, health checks and the status page. */
@NullMarked
package io.quorate.server.http;

import org.jspecify.annotations.NullMarked;
