package io.quorate.server.verb;

import io.quorate.client.BuildVersion;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a voter is reached: {@code HOST} or {@code HOST:API_PORT}; its other ports follow the API port.
 *
 * @param host name or address, without brackets
 */
record VoterAddresses(String host, int apiPort) {
    private static final int MAX_API_PORT = 65_535 - 3;
    private static final int LEVEL = 1;
    private static final int ID_SUFFIX_DIGITS = 4;

    VoterAddresses {
        if (host.isEmpty() || apiPort < 1 || apiPort > MAX_API_PORT) {
            throw new ConfigException("'" + host + ":" + apiPort + "' is not HOST or HOST:API_PORT");
        }
    }

    static VoterAddresses parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon > 0 && text.indexOf(':') == colon;
        if (!hasPort) {
            return new VoterAddresses(text, ServerConfig.DEFAULT_API_PORT);
        }
        try {
            return new VoterAddresses(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new ConfigException("'" + text + "' is not HOST or HOST:API_PORT");
        }
    }

    /**
     * All voters by name: what {@code --voters} lists, and this node at {@code --address}.
     *
     * @param address null when only the list was given
     */
    static Map<String, VoterAddresses> of(String node, @Nullable String address, Map<String, String> voters) {
        Map<String, VoterAddresses> addresses = new TreeMap<>();
        voters.forEach((name, where) -> addresses.put(name, parse(where)));
        if (address != null) {
            VoterAddresses own = parse(address);
            VoterAddresses listed = addresses.putIfAbsent(node, own);
            if (listed != null && !listed.equals(own)) {
                throw new ConfigException("--address " + address + " differs from what --voters says of " + node);
            }
        }
        if (addresses.isEmpty()) {
            throw new ConfigException("--address is missing: where others reach this host");
        }
        own(addresses, node);
        return addresses;
    }

    static VoterAddresses own(Map<String, VoterAddresses> addresses, String node) {
        VoterAddresses own = addresses.get(node);
        if (own == null) {
            throw new ConfigException("--voters does not name this node, " + node);
        }
        return own;
    }

    String endpoint(int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    VoterRow row(String memberId, String node) {
        return VoterRow.newBuilder()
                .setId(memberId)
                .setName(node)
                .setApiEndpoint(endpoint(apiPort))
                .setRaftEndpoint(endpoint(ServerConfig.raftPortOf(apiPort)))
                .setNodeEndpoint(endpoint(ServerConfig.nodePortOf(apiPort)))
                .setLevelMin(LEVEL)
                .setLevelMax(LEVEL)
                .setVersion(BuildVersion.current())
                .build();
    }

    /**
     * Id of one of the first voters when each host is formatted by itself: all hosts must come to the same ids, so the
     * suffix is taken from the cluster's id, which is random.
     */
    static String staticMemberId(String clusterId, String node) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((clusterId + "/" + node).getBytes(StandardCharsets.UTF_8));
            return node + "-" + HexFormat.of().formatHex(digest).substring(0, ID_SUFFIX_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
