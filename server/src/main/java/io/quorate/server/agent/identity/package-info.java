/** What tells one machine and one boot from another. */
@NullMarked
package io.quorate.server.agent.identity;

import org.jspecify.annotations.NullMarked;
