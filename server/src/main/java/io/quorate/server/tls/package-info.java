/** Certificates: making, checking, reloading, and what they say about who speaks. */
@org.jspecify.annotations.NullMarked
package io.quorate.server.tls;
