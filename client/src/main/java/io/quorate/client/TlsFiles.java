package io.quorate.client;

import java.nio.file.Path;

/**
 * The PEM files of a client: whom it trusts, and who it is.
 *
 * @param authority certificates that the servers' certificates must chain to
 * @param certificate this client's certificate and its chain
 * @param key this client's private key, PKCS #8
 */
public record TlsFiles(Path authority, Path certificate, Path key) {}
