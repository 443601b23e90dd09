/** Snapshots: a header, ordered changes, a trailer with digests. A backup is the same file. */
@org.jspecify.annotations.NullMarked
package io.quorate.statemachine.snapshot;
