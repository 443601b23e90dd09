/**
 * The replicated log: the only package that knows Apache Ratis. What the rest of the server sees is {@link
 * io.quorate.server.raft.RaftPort}. See DESIGN.md of this module for what Ratis does not give and is built here.
 */
@NullMarked
package io.quorate.server.raft;

import org.jspecify.annotations.NullMarked;
