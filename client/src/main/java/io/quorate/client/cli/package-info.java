/** Frame of the command line: how a verb is found, run, waited for and how its outcome is told. */
@NullMarked
package io.quorate.client.cli;

import org.jspecify.annotations.NullMarked;
