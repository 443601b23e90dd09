package io.quorate.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a cluster.
 *
 * @param endpoints servers, tried in this order; at least one
 * @param tls unset: plaintext, which is refused for every endpoint that is not loopback
 * @param limit the longest time that one call may take with all its attempts
 */
public record ClientConfig(List<Endpoint> endpoints, Optional<TlsFiles> tls, Duration limit) {
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(5);

    public ClientConfig {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no endpoints");
        }
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("the time limit must be positive: " + limit);
        }
    }

    /** Plaintext to loopback endpoints, with the default limit. */
    public static ClientConfig loopback(Endpoint... endpoints) {
        return new ClientConfig(List.of(endpoints), Optional.empty(), DEFAULT_LIMIT);
    }

    public ClientConfig withLimit(Duration newLimit) {
        return new ClientConfig(endpoints, tls, newLimit);
    }

    public ClientConfig withEndpoints(List<Endpoint> newEndpoints) {
        return new ClientConfig(newEndpoints, tls, limit);
    }
}
