package io.quorate.client;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Where one server's API listens.
 *
 * @param host a name, an IPv4 address or an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
    public static final int DEFAULT_PORT = 7400;

    public Endpoint {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("not an endpoint: \"" + host + ":" + port + "\"");
        }
    }

    /** Reads {@code host}, {@code host:port} or {@code [v6]:port}; throws IllegalArgumentException with the text in it. */
    public static Endpoint parse(String text) {
        String trimmed = text.trim();
        int bracket = trimmed.lastIndexOf(']');
        int colon = trimmed.lastIndexOf(':');
        boolean bareV6 = bracket < 0 && trimmed.indexOf(':') != colon;
        if (bareV6 || colon <= bracket) {
            return new Endpoint(unbracket(trimmed), DEFAULT_PORT);
        }
        String host = unbracket(trimmed.substring(0, colon));
        try {
            return new Endpoint(host, Integer.parseInt(trimmed.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an endpoint: \"" + trimmed + "\" (HOST:PORT is one)", e);
        }
    }

    /** Reads a list separated by commas; empty parts are skipped. */
    public static List<Endpoint> parseList(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::trim)
                .filter(part -> !part.isEmpty())
                .map(Endpoint::parse)
                .toList();
    }

    /** Whether the address cannot leave this machine: only there may a connection be without TLS. */
    public boolean isLoopback() {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.equals("::1") || isLoopbackV4(name);
    }

    /** Whether the host is written as an address, so that no name has to be resolved. */
    boolean isAddress() {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    private static boolean isLoopbackV4(String name) {
        return name.startsWith("127.") && name.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    private static String unbracket(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
