/** The verbs that work on this host's files and run its server. */
@org.jspecify.annotations.NullMarked
package io.quorate.server.verb;
