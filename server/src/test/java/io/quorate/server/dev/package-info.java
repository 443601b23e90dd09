@NullMarked
package io.quorate.server.dev;

import org.jspecify.annotations.NullMarked;
