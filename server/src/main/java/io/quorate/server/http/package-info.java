/** Health checks, and a read-only status as JSON, over HTTP. */
@NullMarked
package io.quorate.server.http;

import org.jspecify.annotations.NullMarked;
