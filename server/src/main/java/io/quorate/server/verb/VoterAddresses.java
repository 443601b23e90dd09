package io.quorate.server.verb;

import io.quorate.client.BuildVersion;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.config.ServerConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Where a voter is reached: {@code HOST} or {@code HOST:API_PORT}; its other ports follow the API port.
 *
 * @param host name or address, without brackets
 */
record VoterAddresses(String host, int apiPort) {
    private static final int LEVEL = 1;
    private static final int ID_SUFFIX_DIGITS = 4;

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
