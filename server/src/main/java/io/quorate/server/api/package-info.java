/** The public gRPC API, forwarding between servers, watches, authorization and the mapping of errors. */
@org.jspecify.annotations.NullMarked
package io.quorate.server.api;
