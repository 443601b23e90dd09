package io.quorate.client.cli;

import io.quorate.client.cli.verb.ApplyVerb;
import io.quorate.client.cli.verb.EventsVerb;
import io.quorate.client.cli.verb.GetVerb;
import io.quorate.client.cli.verb.HistoryVerb;
import io.quorate.client.cli.verb.StatusVerb;
import io.quorate.client.cli.verb.VersionVerb;
import io.quorate.client.cli.verb.WaitVerb;
import java.util.List;

/** The verbs of this module, in the order of the overview. */
final class StandardVerbs {
    private StandardVerbs() {}

    static List<VerbEntry> all() {
        return List.of(
                new VerbEntry("status", "what runs where, and what needs a person", StatusVerb::new),
                new VerbEntry("apply", "make the cluster as files say", ApplyVerb::new),
                new VerbEntry("get", "objects as a table, JSON or YAML", GetVerb::new),
                new VerbEntry(
                        "history", "what happened to one object, why, by whom, with its outage", HistoryVerb::new),
                new VerbEntry("events", "what happened in the cluster", EventsVerb::new),
                new VerbEntry("wait", "until a service runs, a node is drained, there is a quorum", WaitVerb::new),
                new VerbEntry("version", "the version of this program", VersionVerb::new));
    }
}
