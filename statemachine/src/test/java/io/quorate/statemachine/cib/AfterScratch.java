package io.quorate.statemachine.cib;

import io.quorate.statemachine.placement.*;
import java.nio.file.*;
import java.time.Instant;
import java.util.*;

public class AfterScratch {
    public static void main(String[] a) throws Exception {
        try (var s = Files.list(Path.of(a[0]))) {
            for (Path p : s.filter(x -> x.toString().endsWith(".xml")).sorted().toList()) {
                String json = Files.readString(Path.of(p.toString().replace(".xml", ".json")));
                var m = java.util.regex.Pattern.compile("\"now\": \"([^\"]+)\"").matcher(json);
                Instant now = m.find() ? Instant.parse(m.group(1)) : Instant.parse("2026-01-01T00:00:00Z");
                String name = p.getFileName().toString().replace(".xml", "");
                try (var in = Files.newInputStream(p)) {
                    var pr = ProblemReader.read(Cib.read(in, now));
                    StringBuilder out = new StringBuilder("{\"after\":{\"running\":[");
                    String sep = "";
                    var ans = EngineScratch.run(pr);
                    for (var r : ans.answer().placed()) {
                        out.append(sep)
                                .append("{\"rsc\":\"" + r.resource() + "\",\"node\":\"" + r.machine() + "\",\"role\":\""
                                        + EngineScratch.cap(r.role()) + "\"}");
                        sep = ",";
                    }
                    out.append("]},\"fenced\":[");
                    sep = "";
                    for (var n : ans.answer().fenced()) {
                        out.append(sep).append("{\"node\":\"" + n + "\"}");
                        sep = ",";
                    }
                    Files.writeString(
                            Path.of(a[1]).resolve(name + ".json"),
                            out.append("]" + EngineScratch.rest(ans) + "}").toString());
                } catch (Throwable e) {
                    System.out.println(
                            name + "\t" + e + " " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : ""));
                }
            }
        }
    }
}
