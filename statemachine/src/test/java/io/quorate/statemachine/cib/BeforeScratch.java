package io.quorate.statemachine.cib;

import java.nio.file.*;
import java.time.Instant;
import java.util.*;

/** scratch: prints before rows as TSV. */
public class BeforeScratch {
    static String cap(Live l) {
        if (l.pending.equals("start")) return "Starting";
        if (l.failed && l.role.name().equals("UNPROMOTED")) return "Started";
        return l.role.name().charAt(0) + l.role.name().substring(1).toLowerCase(Locale.ROOT);
    }

    public static void main(String[] a) throws Exception {
        try (var s = Files.list(Path.of(a[0]))) {
            for (Path p : s.filter(x -> x.toString().endsWith(".xml")).sorted().toList()) {
                String json = Files.readString(Path.of(p.toString().replace(".xml", ".json")));
                var m = java.util.regex.Pattern.compile("\"now\": \"([^\"]+)\"").matcher(json);
                Instant now = m.find() ? Instant.parse(m.group(1)) : Instant.parse("2026-01-01T00:00:00Z");
                String name = p.getFileName().toString().replace(".xml", "");
                try (var in = Files.newInputStream(p)) {
                    Cib cib = Cib.read(in, now);
                    var st = StatusReader.read(cib);
                    for (NodeStatus n : st.nodes().values())
                        System.out.println(name + "\tN\t" + n.name + "\t" + (n.online ? "online" : "offline") + "\t"
                                + n.unclean + "\t" + n.pending + "\t" + n.standby + "\t" + n.maintenance);
                    for (Live l : st.lives())
                        if (l.isListed())
                            System.out.println(name + "\tR\t" + l.item.id() + "\t" + l.node.name + "\t" + cap(l) + "\t"
                                    + l.failed);
                } catch (Exception e) {
                    System.out.println(name + "\tE\t" + e);
                }
            }
        }
    }
}
