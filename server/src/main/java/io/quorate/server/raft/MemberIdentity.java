package io.quorate.server.raft;

import com.google.protobuf.TextFormat;
import io.quorate.log.v1.VoterRow;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * Who a data directory belongs to: written when it is formatted, never changed.
 *
 * @param memberId name and random suffix, "n1-7f3a"; never reused for another directory
 * @param clusterId of the cluster, the same on every member
 * @param clusterName for display
 * @param generation of the history; rises with every restore
 * @param learner started to join a running group, not as one of its first voters
 * @param voters the group that this member knew when it was formatted, itself included
 */
public record MemberIdentity(
        String memberId, String clusterId, String clusterName, int generation, boolean learner, List<VoterRow> voters) {

    static final String FILE = "identity";
    private static final String FORMAT = "1";

    public MemberIdentity {
        voters = List.copyOf(voters);
    }

    /** Id of the Raft group: another cluster, and another generation, is another group. */
    public UUID groupId() {
        return UUID.nameUUIDFromBytes(("quorate/" + clusterId + "/" + generation).getBytes(StandardCharsets.UTF_8));
    }

    /** This member's own row. */
    public Optional<VoterRow> self() {
        return voters.stream().filter(voter -> voter.getId().equals(memberId)).findFirst();
    }

    String encode() {
        StringBuilder text = new StringBuilder()
                .append("# Identity of this Quorate member. Do not edit or copy: see \"quorate help member\".\n")
                .append("format=" + FORMAT + "\n")
                .append("member=" + memberId + "\n")
                .append("cluster=" + clusterId + "\n")
                .append("name=" + clusterName + "\n")
                .append("generation=" + generation + "\n")
                .append("learner=" + learner + "\n");
        for (int index = 0; index < voters.size(); index++) {
            String row = TextFormat.printer().emittingSingleLine(true).printToString(voters.get(index));
            text.append("voter." + index + "=" + row.replace("\\", "\\\\") + "\n");
        }
        return text.toString();
    }

    static MemberIdentity read(Path file) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        if (!FORMAT.equals(properties.getProperty("format"))) {
            throw new IOException(
                    file + " has format " + properties.getProperty("format") + ", this version knows " + FORMAT);
        }
        List<VoterRow> voters = new ArrayList<>();
        for (int index = 0; properties.containsKey("voter." + index); index++) {
            VoterRow.Builder row = VoterRow.newBuilder();
            TextFormat.merge(properties.getProperty("voter." + index), row);
            voters.add(row.build());
        }
        try {
            return new MemberIdentity(
                    required(file, properties, "member"),
                    required(file, properties, "cluster"),
                    required(file, properties, "name"),
                    Integer.parseInt(required(file, properties, "generation")),
                    Boolean.parseBoolean(required(file, properties, "learner")),
                    voters);
        } catch (NumberFormatException e) {
            throw new IOException(file + ": generation is not a number", e);
        }
    }

    private static String required(Path file, Properties properties, String key) throws IOException {
        String value = properties.getProperty(key);
        if (value == null || value.isBlank()) {
            throw new IOException(file + " has no \"" + key + "\"");
        }
        return value;
    }
}
