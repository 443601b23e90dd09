package io.quorate.server;

import io.quorate.client.cli.VerbEntry;
import io.quorate.server.verb.Backups;
import io.quorate.server.verb.CertVerbs;
import io.quorate.server.verb.InitVerb;
import io.quorate.server.verb.JoinVerb;
import io.quorate.server.verb.MemberTokenVerb;
import io.quorate.server.verb.RestoreVerb;
import io.quorate.server.verb.ServerVerb;
import java.util.List;

/** The verbs of this module, in the order of the overview. */
final class ServerVerbs {
    private ServerVerbs() {}

    static List<VerbEntry> all() {
        return List.of(
                new VerbEntry("init", "begin a cluster on this host", InitVerb::new),
                new VerbEntry("server", "run this host's server", ServerVerb::new),
                new VerbEntry("join", "make this host a member", JoinVerb::new),
                new VerbEntry("member token", "let a host join", MemberTokenVerb::new),
                new VerbEntry("backup inspect", "what a backup says it is", Backups.Inspect::new),
                new VerbEntry("backup verify", "check a backup to its last byte", Backups.Verify::new),
                new VerbEntry("restore", "begin a new generation from a backup", RestoreVerb::new),
                new VerbEntry("cert init-ca", "make the authorities", CertVerbs.InitCa::new),
                new VerbEntry("cert issue", "make a certificate", CertVerbs.Issue::new),
                new VerbEntry("cert ls", "certificates of this host", CertVerbs.Ls::new),
                new VerbEntry("cert renew", "make this host's certificate anew", CertVerbs.Renew::new));
    }
}
