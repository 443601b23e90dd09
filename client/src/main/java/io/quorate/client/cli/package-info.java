/** The command line: one class per verb. */
@NullMarked
package io.quorate.client.cli;

import org.jspecify.annotations.NullMarked;
