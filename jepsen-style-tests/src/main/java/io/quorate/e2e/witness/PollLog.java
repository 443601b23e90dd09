package io.quorate.e2e.witness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the client saw. */
public final class PollLog {
    private static final double NANOS_PER_MILLI = 1e6;

    private final List<Poll> polls;

    /**
     * One request.
     *
     * @param doneNanos when it was answered or given up
     * @param host who answered; empty when it failed
     */
    public record Poll(long sentNanos, long doneNanos, Optional<String> host) {
        public boolean ok() {
            return host.isPresent();
        }
    }

    private PollLog(List<Poll> polls) {
        this.polls = polls;
    }

    /** The file as it is now; a line that is being written is left out. */
    public static PollLog read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new PollLog(List.of());
        }
        String text = Files.readString(file, StandardCharsets.UTF_8);
        return parse(text.substring(0, text.lastIndexOf('\n') + 1).lines().toList());
    }

    static PollLog parse(List<String> lines) {
        return new PollLog(lines.stream()
                .map(PollLog::poll)
                .sorted(Comparator.comparingLong(Poll::doneNanos))
                .toList());
    }

    private static Poll poll(String line) {
        String[] words = line.split(" ", 4);
        return new Poll(
                Long.parseLong(words[0]),
                Long.parseLong(words[1]),
                words[2].equals("ok") ? Optional.of(words[3]) : Optional.empty());
    }

    /** Only what was sent since then. */
    public PollLog since(long nanos) {
        return new PollLog(
                polls.stream().filter(poll -> poll.sentNanos() - nanos >= 0).toList());
    }

    public int requests() {
        return polls.size();
    }

    public long answered() {
        return polls.stream().filter(Poll::ok).count();
    }

    /** The longest time between two answers that followed each other, in milliseconds; 0 with fewer than two. */
    public double longestGapMillis() {
        long longest = 0;
        long last = 0;
        boolean any = false;
        for (Poll poll : polls) {
            if (poll.ok()) {
                longest = any ? Math.max(longest, poll.doneNanos() - last) : longest;
                last = poll.doneNanos();
                any = true;
            }
        }
        return longest / NANOS_PER_MILLI;
    }

    /**
     * The same without the time in which the client itself stood still: between two answers it then sent nothing, though its
     * workers send without waiting for each other. Of the end of the log nothing is left out, since requests are missing there
     * that were sent and are not done.
     */
    public double longestWaitMillis() {
        List<Poll> answers = polls.stream().filter(Poll::ok).toList();
        List<Long> sent = sentWhereAllIsKnown();
        long longest = 0;
        for (int i = 1; i < answers.size(); i++) {
            long from = answers.get(i - 1).doneNanos();
            long to = answers.get(i).doneNanos();
            longest = Math.max(longest, to - from - standstill(sent, from, to));
        }
        return longest / NANOS_PER_MILLI;
    }

    private List<Long> sentWhereAllIsKnown() {
        if (polls.isEmpty()) {
            return List.of();
        }
        long known = polls.get(polls.size() - 1).doneNanos() - Poller.LONGEST_REQUEST_NANOS;
        return polls.stream()
                .map(Poll::sentNanos)
                .filter(nanos -> nanos - known <= 0)
                .sorted()
                .toList();
    }

    private static long standstill(List<Long> sent, long from, long to) {
        long still = 0;
        for (int i = 1; i < sent.size(); i++) {
            long begin = Math.max(from, sent.get(i - 1) + Poller.TICK_NANOS);
            long end = Math.min(to, sent.get(i));
            still += Math.max(0, end - begin);
        }
        return still;
    }

    /** Who gave the last answer. */
    public Optional<String> lastHost() {
        return polls.stream().filter(Poll::ok).reduce((first, second) -> second).flatMap(Poll::host);
    }
}
