/** The node-local executor, which acts on committed decisions only. */
@NullMarked
package io.quorate.server.agent;

import org.jspecify.annotations.NullMarked;
