/**
 * Reads Pacemaker's cluster information base (CIB): its configuration and status sections become a problem for the
 * placement engine, and its configuration becomes our own manifests. What the words mean is in the book "Pacemaker
 * Explained" of the Debian package pacemaker-doc.
 */
@NullMarked
package io.quorate.statemachine.cib;

import org.jspecify.annotations.NullMarked;
