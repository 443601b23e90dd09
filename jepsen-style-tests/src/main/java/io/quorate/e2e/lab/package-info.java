/** Hosts as namespaces of one machine: network, power, processes. */
@NullMarked
package io.quorate.e2e.lab;

import org.jspecify.annotations.NullMarked;
