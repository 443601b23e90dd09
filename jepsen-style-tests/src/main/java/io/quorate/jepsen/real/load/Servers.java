package io.quorate.jepsen.real.load;

import io.quorate.client.ClientConfig;
import io.quorate.client.Endpoint;
import io.quorate.client.QuorateClient;
import io.quorate.client.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Clients of the cluster: for each server one that asks it alone, and one that asks it first. For any thread. */
final class Servers implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final Map<String, QuorateClient> alone = new LinkedHashMap<>();
    private final List<QuorateClient> first = new ArrayList<>();

    /** @param pki of a client that may do everything */
    Servers(List<Endpoint> endpoints, Path pki) {
        Optional<TlsFiles> tls = Optional.of(new TlsFiles(
                pki.resolve("peer-ca.crt"), pki.resolve("clients/admin.crt"), pki.resolve("clients/admin.key")));
        for (int i = 0; i < endpoints.size(); i++) {
            List<Endpoint> order = new ArrayList<>(endpoints);
            Collections.rotate(order, -i);
            first.add(QuorateClient.create(new ClientConfig(order, tls, LIMIT, LIMIT)));
            alone.put(
                    "n" + (i + 1),
                    QuorateClient.create(new ClientConfig(List.of(endpoints.get(i)), tls, LIMIT, LIMIT)));
        }
    }

    List<String> names() {
        return List.copyOf(alone.keySet());
    }

    QuorateClient only(String server) {
        return java.util.Objects.requireNonNull(alone.get(server), server);
    }

    /** Goes on to the others when this one does not answer. */
    QuorateClient beginningWith(int server) {
        return first.get(server % first.size());
    }

    @Override
    public void close() {
        first.forEach(QuorateClient::close);
        alone.values().forEach(QuorateClient::close);
    }
}
