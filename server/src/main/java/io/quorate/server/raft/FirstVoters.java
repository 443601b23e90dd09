package io.quorate.server.raft;

import io.quorate.log.v1.VoterRow;
import io.quorate.server.raft.StartRefusedException.Reason;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The guard NoAmnesia at the beginning of a group. The ids of its first voters follow from what {@code init} was told, so
 * that a lost disk could be formatted under the same id and vote again. Therefore each data directory has a random disk
 * id, and a first voter takes no part in Raft before every other one has recorded its disk id, durably (the roll call).
 * From then on it knows each of them by that disk alone.
 *
 * <p>Why that is enough: a committed entry needs a majority of members that have completed their roll call. Whoever comes
 * under the id of one of them on another disk needs the consent of all others, and each of these that completed its own
 * roll call refuses. One that did not has acknowledged nothing yet, and may take the new disk for the old one.
 *
 * <p>Members that join later have random ids and need none of this; they introduce nobody. Thread-safe.
 */
public final class FirstVoters {

    static final String FILE = "first-voters";
    private static final String FORMAT = "1";
    private static final String MET = "met.";

    private final Path directory;
    private final MemberIdentity identity;
    private final String disk;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, String> met = new TreeMap<>();
    private boolean complete;

    private FirstVoters(Path directory, MemberIdentity identity, String disk) {
        this.directory = directory;
        this.identity = identity;
        this.disk = disk;
        this.complete = identity.learner() || others().isEmpty();
    }

    /** Gives a directory that is being formatted its disk id. */
    static void format(Path directory, MemberIdentity identity) throws IOException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        new FirstVoters(directory, identity, HexFormat.of().formatHex(random)).write();
    }

    /** Reads what the directory of a member knows; {@code expected} must match it. */
    public static FirstVoters open(Path directory, DataDirectory.Expected expected) throws StartRefusedException {
        MemberIdentity identity = DataDirectory.identityOf(directory);
        DataDirectory.checkExpected(directory, identity, expected);
        try {
            return read(directory, identity);
        } catch (IOException e) {
            throw new StartRefusedException(
                    Reason.CORRUPT,
                    "Member " + identity.memberId() + " cannot tell whom it met when its cluster began: "
                            + directory.resolve(FILE) + " is missing or damaged. "
                            + DataDirectory.replaceHint(identity.memberId()),
                    e);
        }
    }

    private static FirstVoters read(Path directory, MemberIdentity identity) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(directory.resolve(FILE))));
        String disk = properties.getProperty("disk", "");
        if (!FORMAT.equals(properties.getProperty("format")) || disk.isEmpty()) {
            throw new IOException("no disk id");
        }
        FirstVoters read = new FirstVoters(directory, identity, disk);
        for (VoterRow other : read.others()) {
            String known = properties.getProperty(MET + other.getId());
            if (known != null) {
                read.met.put(other.getId(), known);
            }
        }
        if (Boolean.parseBoolean(properties.getProperty("complete"))) {
            if (read.met.size() < read.others().size() && !identity.learner()) {
                throw new IOException("complete, but some are missing");
            }
            read.complete = true;
        }
        return read;
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder("# Written by quorate server. Do not edit or copy.\n")
                .append("format=" + FORMAT + "\n")
                .append("disk=" + disk + "\n");
        met.forEach((member, of) -> text.append(MET + member + "=" + of + "\n"));
        text.append("complete=" + complete + "\n");
        DurableFiles.replace(directory.resolve(FILE), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    public MemberIdentity identity() {
        return identity;
    }

    /** Of this member's directory. */
    public String disk() {
        return disk;
    }

    /** The other first voters. */
    public List<VoterRow> others() {
        return identity.voters().stream()
                .filter(voter -> !voter.getId().equals(identity.memberId()))
                .toList();
    }

    /** Whether this member may take part in Raft. */
    public boolean isComplete() {
        lock.lock();
        try {
            return complete;
        } finally {
            lock.unlock();
        }
    }

    /** The name of the node that {@code memberId} lives on; empty when it is none of the other first voters. */
    public Optional<String> nodeOf(String memberId) {
        return others().stream()
                .filter(voter -> voter.getId().equals(memberId))
                .map(VoterRow::getName)
                .findFirst();
    }

    /**
     * Another member introduces itself.
     *
     * @return empty when it is recorded; else why it must never vote
     * @throws IOException when it could not be recorded
     */
    public Optional<String> introduce(String clusterId, int generation, String memberId, String itsDisk)
            throws IOException {
        String self = identity.memberId();
        if (!clusterId.equals(identity.clusterId()) || generation != identity.generation()) {
            return Optional.of(self + " belongs to generation " + identity.generation() + " of cluster "
                    + identity.clusterId() + ", " + memberId + " to generation " + generation + " of " + clusterId);
        }
        if (identity.learner()) {
            return Optional.of(
                    "this cluster began long ago, " + self + " joined it. " + DataDirectory.replaceHint(memberId));
        }
        if (nodeOf(memberId).isEmpty()) {
            return Optional.of("when " + self + " was formatted, " + memberId
                    + " was not named: --voters must be the same on each host");
        }
        lock.lock();
        try {
            String known = met.get(memberId);
            if (itsDisk.equals(known)) {
                return Optional.empty();
            }
            if (complete) {
                return Optional.of(self + " knows " + memberId + " with another disk, and what that one acknowledged is"
                        + " lost: a voter that forgot must not vote. "
                        + DataDirectory.replaceHint(memberId)
                        + ". Only if this cluster never took a command yet, there is none to join: end all of its servers,"
                        + " move all of their data directories away, and format them anew on each host (quorate init)");
            }
            record(memberId, itsDisk);
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private void record(String memberId, String itsDisk) throws IOException {
        String former = met.put(memberId, itsDisk);
        try {
            write();
        } catch (IOException e) {
            if (former == null) {
                met.remove(memberId);
            } else {
                met.put(memberId, former);
            }
            throw e;
        }
        changed.signalAll();
    }

    /**
     * Completes the roll call when {@code answers} are those of all others, from the disks that are recorded here. An
     * answer from another disk is recorded and taken out: its member must be asked again.
     *
     * @param answers by member id, the disks that recorded this member's
     */
    public boolean complete(Map<String, String> answers) throws IOException {
        lock.lock();
        try {
            if (complete) {
                return true;
            }
            for (VoterRow other : others()) {
                String answered = answers.get(other.getId());
                String known = met.get(other.getId());
                if (answered != null && !answered.equals(known)) {
                    record(other.getId(), answered);
                    if (known != null) {
                        answers.remove(other.getId());
                    }
                }
            }
            if (answers.size() < others().size()) {
                return false;
            }
            complete = true;
            try {
                write();
            } catch (IOException e) {
                complete = false;
                throw e;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until somebody new was introduced, at most {@code millis}: then it also answers. */
    @SuppressWarnings("WaitNotInLoop") // who wakes early asks early
    public void awaitIntroduction(long millis) throws InterruptedException {
        lock.lock();
        try {
            boolean unused = changed.await(millis, TimeUnit.MILLISECONDS);
        } finally {
            lock.unlock();
        }
    }
}
