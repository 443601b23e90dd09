package io.quorate.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Pages of sorted tables. A token is the last key of the page before: pages of a changing table miss no stable row. */
final class Pages {
    static final int DEFAULT_SIZE = 500;

    private Pages() {}

    /** @param nextToken empty on the last page */
    record Page<V>(List<V> rows, String nextToken) {}

    static <V> Page<V> page(SortedMap<String, V> table, int size, String token) {
        if (size < 0) {
            throw ApiException.invalid("page_size is negative: " + size);
        }
        int limit = size == 0 ? DEFAULT_SIZE : Math.min(size, DEFAULT_SIZE);
        SortedMap<String, V> rest = token.isEmpty() ? table : table.tailMap(token + '\0');
        List<V> rows = new ArrayList<>(Math.min(limit, rest.size()));
        String last = "";
        for (Map.Entry<String, V> entry : rest.entrySet()) {
            if (rows.size() == limit) {
                return new Page<>(rows, last);
            }
            rows.add(entry.getValue());
            last = entry.getKey();
        }
        return new Page<>(rows, "");
    }
}
