/** How answers look: tables, times, the status screen. Pure functions of messages and a moment. */
@NullMarked
package io.quorate.client.cli.text;

import org.jspecify.annotations.NullMarked;
