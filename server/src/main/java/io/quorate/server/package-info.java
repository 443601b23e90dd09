/** The process: the main class and its roles. */
@NullMarked
package io.quorate.server;

import org.jspecify.annotations.NullMarked;
