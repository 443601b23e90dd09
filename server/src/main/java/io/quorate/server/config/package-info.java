/** Configuration: one record per component. */
@NullMarked
package io.quorate.server.config;

import org.jspecify.annotations.NullMarked;
