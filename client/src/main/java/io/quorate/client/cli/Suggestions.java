package io.quorate.client.cli;

import io.quorate.client.manifest.NearestName;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** What a person probably meant: the nearest verb, or what another tool's word is called here. */
final class Suggestions {
    /** Words of pcs, crmsh, kubectl, nomad and patronictl; hints, not aliases. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("standby", "quorate node drain NODE"),
            Map.entry("unstandby", "quorate node resume NODE"),
            Map.entry("online", "quorate node resume NODE"),
            Map.entry("drain", "quorate node drain NODE"),
            Map.entry("cordon", "quorate node drain NODE"),
            Map.entry("uncordon", "quorate node resume NODE"),
            Map.entry("cleanup", "quorate failures clear NAME"),
            Map.entry("failcount", "quorate failures list"),
            Map.entry("refresh", "quorate failures clear NAME"),
            Map.entry("unmanage", "quorate maintain NAME, or quorate pause (the whole cluster)"),
            Map.entry("manage", "quorate maintain NAME --end, or quorate resume (the whole cluster)"),
            Map.entry("maintenance", "quorate maintain NAME, quorate node maintenance NODE, or quorate pause"),
            Map.entry("reprobe", "quorate probe NAME"),
            Map.entry("switchover", "quorate move NAME --promoted --to NODE"),
            Map.entry("failover", "quorate move NAME --to NODE"),
            Map.entry("migrate", "quorate move NAME --to NODE"),
            Map.entry("relocate", "quorate move NAME --to NODE"),
            Map.entry("ban", "quorate move NAME, or placement: avoid in its file"),
            Map.entry("resource", "quorate get resources"),
            Map.entry("list", "quorate get"),
            Map.entry("ls", "quorate get"),
            Map.entry("show", "quorate get NAME"),
            Map.entry("describe", "quorate explain NAME, or quorate get NAME -o yaml"),
            Map.entry("create", "quorate apply -f FILE"),
            Map.entry("edit", "quorate apply -f FILE"),
            Map.entry("configure", "quorate apply -f FILE"),
            Map.entry("cluster", "quorate status"),
            Map.entry("crm_mon", "quorate status --watch"),
            Map.entry("stonith", "quorate fence"),
            Map.entry("stop", "quorate disable NAME"),
            Map.entry("start", "quorate enable NAME"),
            Map.entry("unmove", "quorate unpin NAME (a move leaves nothing behind)"),
            Map.entry("clear", "quorate unpin NAME, or quorate failures clear NAME"),
            Map.entry("reload", "quorate restart NAME"),
            Map.entry("reinit", "quorate member replace"),
            Map.entry("log", "quorate logs NAME"),
            Map.entry("top", "quorate status --watch"),
            Map.entry("members", "quorate member list"),
            Map.entry("nodes", "quorate node list"),
            Map.entry("exec", "nothing: quorate runs only what is defined"));

    private Suggestions() {}

    static String forVerb(String typed, Collection<String> verbs) {
        String word = typed.toLowerCase(Locale.ROOT);
        String last = word.substring(word.indexOf(' ') + 1);
        String hint = ELSEWHERE.getOrDefault(word, ELSEWHERE.getOrDefault(last, ""));
        if (!hint.isEmpty()) {
            return "here it is: " + hint;
        }
        return NearestName.of(word, verbs)
                .map(verb -> "did you mean quorate " + verb + "?")
                .orElse("quorate help lists the verbs");
    }
}
