/** What came of a run of checks, in one form for all of them, as files that other programs read. */
@NullMarked
package io.quorate.jepsen.report;

import org.jspecify.annotations.NullMarked;
