/** The gRPC services and who may call them. */
@NullMarked
package io.quorate.server.api;

import org.jspecify.annotations.NullMarked;
