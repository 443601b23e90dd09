package io.quorate.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a cluster.
 *
 * @param endpoints servers, tried in this order; at least one
 * @param tls unset: plaintext, which is refused for every endpoint that is not loopback
 * @param limit the longest time that one call may take with all its attempts, from when there is a connection
 * @param connecting how long connecting to any of the servers may take before the limit begins to count: on a busy host
 *     the first connection with TLS can take seconds, which says nothing of the cluster. Zero: it counts too
 */
public record ClientConfig(List<Endpoint> endpoints, Optional<TlsFiles> tls, Duration limit, Duration connecting) {
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(5);
    public static final Duration DEFAULT_CONNECTING = Duration.ofSeconds(10);

    public ClientConfig {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no endpoints");
        }
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("the time limit must be positive: " + limit);
        }
        if (connecting.isNegative()) {
            throw new IllegalArgumentException("the time for connecting must not be negative: " + connecting);
        }
    }

    /** With the default limits. */
    public ClientConfig(List<Endpoint> endpoints, Optional<TlsFiles> tls) {
        this(endpoints, tls, DEFAULT_LIMIT, DEFAULT_CONNECTING);
    }

    /** Plaintext to loopback endpoints, with the default limits. */
    public static ClientConfig loopback(Endpoint... endpoints) {
        return new ClientConfig(List.of(endpoints), Optional.empty());
    }

    /** One limit for everything, connecting too. */
    public ClientConfig within(Duration whole) {
        return new ClientConfig(endpoints, tls, whole, Duration.ZERO);
    }

    public ClientConfig withEndpoints(List<Endpoint> newEndpoints) {
        return new ClientConfig(newEndpoints, tls, limit, connecting);
    }
}
