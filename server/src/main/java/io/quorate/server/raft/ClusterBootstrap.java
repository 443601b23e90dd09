package io.quorate.server.raft;

import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.model.ClusterState;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Formats the data directories of members: what {@code init}, {@code join}, {@code dev} and {@code restore} call, and
 * nothing else does.
 */
public final class ClusterBootstrap {

    private ClusterBootstrap() {}

    /** A fresh member id for a node: its name and a random suffix, "n1-7f3a". */
    public static String newMemberId(String nodeName) {
        return nodeName + "-" + randomHex(2);
    }

    /** A fresh cluster id: 32 hexadecimal digits. */
    public static String newClusterId() {
        return randomHex(16);
    }

    private static String randomHex(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /**
     * Formats the directory of one of the first voters of a group. All of them are formatted with the same arguments but
     * their own directory and id. Without an initial state the first leader commits InitCluster before it is ready.
     *
     * @param directory must be empty or not exist
     * @param voters all first voters, this one included, with their Raft endpoints
     * @param initialState of a restore: the group starts with it; its meta must carry the cluster id and generation
     * @param version of this program, for the snapshot's header
     */
    public static void format(
            Path directory,
            List<VoterRow> voters,
            String clusterId,
            String clusterName,
            int generation,
            String memberId,
            Optional<ClusterState> initialState,
            String version)
            throws IOException {
        MemberIdentity identity = new MemberIdentity(memberId, clusterId, clusterName, generation, false, voters);
        if (identity.self().isEmpty()) {
            throw new IllegalArgumentException(memberId + " is not among the voters");
        }
        if (initialState.isPresent()) {
            checkInitialState(identity, initialState.get());
        }
        DataDirectory.format(directory, identity, initialState, version);
    }

    /**
     * Formats the directory of a member that joins a running group: it starts as a learner, without a vote, until {@link
     * RaftPort#replaceVoter} or an addition makes it a voter.
     *
     * @param self this member's row
     * @param voters the present voters of the group
     */
    public static void formatLearner(
            Path directory,
            VoterRow self,
            List<VoterRow> voters,
            String clusterId,
            String clusterName,
            int generation,
            String version)
            throws IOException {
        List<VoterRow> all = new java.util.ArrayList<>(voters);
        all.add(self);
        MemberIdentity identity = new MemberIdentity(self.getId(), clusterId, clusterName, generation, true, all);
        DataDirectory.format(directory, identity, Optional.empty(), version);
    }

    /**
     * Refuses a directory that cannot be formatted, before anything else is written: it must be empty, not exist, or be
     * what an interrupted formatting left.
     */
    public static void requireFormattable(Path directory) throws IOException {
        DataDirectory.requireFormattable(directory);
    }

    private static void checkInitialState(MemberIdentity identity, ClusterState state) {
        if (!state.meta().getClusterId().equals(identity.clusterId())
                || state.meta().getGeneration() != identity.generation()) {
            throw new IllegalArgumentException("the initial state is of cluster "
                    + state.meta().getClusterId() + ", generation "
                    + state.meta().getGeneration() + "; the directory of "
                    + identity.clusterId() + ", generation " + identity.generation());
        }
    }
}
