/** The verbs, one class each. */
@NullMarked
package io.quorate.client.cli.verb;

import org.jspecify.annotations.NullMarked;
