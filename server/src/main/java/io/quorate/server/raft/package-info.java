/** Replication. The only package that may import org.apache.ratis. */
@NullMarked
package io.quorate.server.raft;

import org.jspecify.annotations.NullMarked;
