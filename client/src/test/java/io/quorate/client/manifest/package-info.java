@NullMarked
package io.quorate.client.manifest;

import org.jspecify.annotations.NullMarked;
