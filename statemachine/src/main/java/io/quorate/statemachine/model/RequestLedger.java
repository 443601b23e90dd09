package io.quorate.statemachine.model;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.log.v1.LedgerRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Outcomes of requests by their ids, so that a repeated request is answered and not executed again: immutable, and made for
 * being written with every command. Rows are numbered in the order of arrival and kept as bytes, in pages of {@link #PAGE}
 * rows; the ledger forgets whole pages, oldest first. Where pages begin follows from the rows'
 * numbers, so that equal rows are equal ledgers on every replica.
 */
public final class RequestLedger {
    /** Rows of a page. */
    public static final int PAGE = 4_096;

    /** So many of the newest requests are never forgotten by their number alone; up to a page more are remembered. */
    public static final int KEPT = 65_536;

    /** How long a request is remembered at least, unless {@link #KEPT} newer ones came: on the log's clock. */
    public static final long KEPT_MILLIS = 600_000;

    private static final RequestLedger EMPTY = new RequestLedger(List.of(), OpenPage.NONE, 0, 1);

    private final List<Page> pages;
    private final PageFilter filter;

    /** The page that is being filled, of which this ledger has the first {@code count} rows; later ledgers may have more. */
    private final OpenPage open;

    private final int count;
    private final long next;

    private RequestLedger(List<Page> pages, OpenPage open, int count, long next) {
        this(pages, new PageFilter(pages), open, count, next);
    }

    private RequestLedger(List<Page> pages, PageFilter filter, OpenPage open, int count, long next) {
        this.pages = pages;
        this.filter = filter;
        this.open = open;
        this.count = count;
        this.next = next;
    }

    public static RequestLedger empty() {
        return EMPTY;
    }

    /** The row of a request, or null when it is unknown or forgotten. */
    public @Nullable LedgerRow find(String requestId) {
        LedgerRow row = open.find(requestId, count);
        for (int page = pages.size() - 1; row == null && page >= 0; page--) {
            if (filter.mayHold(page, requestId)) {
                row = pages.get(page).find(requestId);
            }
        }
        return row;
    }

    public boolean isEmpty() {
        return pages.isEmpty() && count == 0;
    }

    public int size() {
        return isEmpty() ? 0 : (int) (next - oldest().sequence());
    }

    /** The number that the next row must have; the first one ever has 1. */
    public long nextSequence() {
        return next;
    }

    /** Whether rows were forgotten. */
    public boolean hasForgotten() {
        return !isEmpty() && oldest().sequence() > 1;
    }

    /** The revision of the oldest row: everything that was forgotten is at or before it. 0 for an empty ledger. */
    public long oldestRevision() {
        return isEmpty() ? 0 : oldest().revision();
    }

    private record Oldest(long sequence, long revision) {
        static Oldest of(LedgerRow row) {
            return new Oldest(row.getSequence(), row.getRevision());
        }
    }

    private Oldest oldest() {
        return pages.isEmpty() ? Oldest.of(open.row(0)) : pages.get(0).oldest;
    }

    /** The digest of its rows: computed when it is asked for, from those of the full pages. */
    public DigestSum digest() {
        DigestSum sum = count == 0 ? DigestSum.ZERO : DigestSum.ofBytes(open.packed(count));
        for (Page page : pages) {
            sum = sum.plus(page.digest);
        }
        return sum;
    }

    /**
     * With one more row, whose number must be the next one; the first row of a ledger that is read from a snapshot may have
     * a later number.
     */
    public RequestLedger plus(LedgerRow row) {
        boolean follows = row.getSequence() == next || (isEmpty() && row.getSequence() > 0);
        Check.invariant(follows, "LEDGER-ORDER", row.getSequence());
        Check.invariant(open.find(row.getRequestId(), count) == null, "LEDGER-ONCE", row.getRequestId());
        OpenPage filled = open.plus(row, count);
        if (row.getSequence() % PAGE != 0) {
            return new RequestLedger(pages, filter, filled, count + 1, row.getSequence() + 1);
        }
        List<Page> more = new ArrayList<>(pages);
        more.add(filled.full());
        return new RequestLedger(List.copyOf(more), OpenPage.NONE, 0, row.getSequence() + 1);
    }

    /** Without the pages that need not be remembered any more. */
    public RequestLedger trimmed(long nowLogMillis) {
        int gone = 0;
        // The newest row stays always: the next number follows from it.
        int removable = count == 0 ? pages.size() - 1 : pages.size();
        while (gone < removable
                && (nowLogMillis - pages.get(gone).newestLogMillis > KEPT_MILLIS
                        || size() - (gone + 1) * PAGE >= KEPT)) {
            gone++;
        }
        return gone == 0 ? this : new RequestLedger(List.copyOf(pages.subList(gone, pages.size())), open, count, next);
    }

    /** Every row in the order of arrival. */
    public void forEach(Consumer<LedgerRow> sink) {
        pages.forEach(page -> page.forEach(sink));
        for (int number = 0; number < count; number++) {
            sink.accept(open.row(number));
        }
    }

    private static LedgerRow row(byte[] packed, int[] ends, int number) {
        int begin = number == 0 ? 0 : ends[number - 1];
        try {
            return LedgerRow.parser().parseFrom(packed, begin, ends[number] - begin);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row that this ledger has packed cannot be read", e);
        }
    }

    /** Finds rows of one page by the hash of their ids: open addressing. Removes nothing. */
    private static final class Index {
        private final int[] hashes;
        /** Row + 1; 0 = free. */
        private final short[] slots;

        Index(int rows) {
            hashes = new int[rows];
            slots = new short[2 * Integer.highestOneBit(Math.max(1, rows - 1)) * 2];
        }

        void add(String id, int row) {
            int slot = slot(id.hashCode());
            while (slots[slot] != 0) {
                slot = (slot + 1) & (slots.length - 1);
            }
            hashes[row] = id.hashCode();
            slots[slot] = (short) (row + 1);
        }

        /** The first row whose id has this hash and that {@code wanted} accepts, or -1. */
        int find(String id, IntPredicate wanted) {
            int hash = id.hashCode();
            for (int slot = slot(hash); slots[slot] != 0; slot = (slot + 1) & (slots.length - 1)) {
                int row = slots[slot] - 1;
                if (hashes[row] == hash && wanted.test(row)) {
                    return row;
                }
            }
            return -1;
        }

        private int slot(int hash) {
            return spread(hash) & (slots.length - 1);
        }
    }

    /**
     * Says of nearly every page that does not hold an id that it does not: almost every id that is looked for is a new one,
     * and each page that is looked into is another piece of memory. Made anew when the pages are others.
     */
    private static final class PageFilter {
        /** By the hash of an id: a bit for each page that has one of this slot. Page n shares its bit with n + 8. */
        private final byte[] slots;

        PageFilter(List<Page> pages) {
            slots = new byte[pages.isEmpty() ? 1 : 2 * PAGE * 2 * Integer.highestOneBit(pages.size())];
            for (int page = 0; page < pages.size(); page++) {
                for (int hash : pages.get(page).index.hashes) {
                    slots[slot(hash)] |= bit(page);
                }
            }
        }

        boolean mayHold(int page, String id) {
            return (slots[slot(id.hashCode())] & bit(page)) != 0;
        }

        private static byte bit(int page) {
            return (byte) (1 << (page & 7));
        }

        private int slot(int hash) {
            return spread(hash) & (slots.length - 1);
        }
    }

    /** Moves the bits that differ among ids of one form to where a slot is taken from. */
    private static int spread(int hash) {
        return hash ^ (hash >>> 16);
    }

    /**
     * The page that is being filled, shared by all ledgers that begin with the same rows: each knows how many of them are
     * its own. The ledger with all of them appends in place; one that went another way copies its rows first. So ledgers are
     * values, and a row costs no more than its bytes: nothing of it is left for the collector to trace.
     */
    private static final class OpenPage {
        /** Has no room: the first row makes a page. */
        static final OpenPage NONE = new OpenPage(0);

        private static final int FIRST_BYTES = 16 << 10;

        private byte[] packed;
        private final int[] ends;
        private final Index index;
        private int filled;
        private long newestLogMillis;

        OpenPage(int rows) {
            packed = new byte[rows == 0 ? 0 : FIRST_BYTES];
            ends = new int[rows];
            index = new Index(rows);
        }

        synchronized @Nullable LedgerRow find(String id, int count) {
            int number = index.find(
                    id,
                    candidate -> candidate < count
                            && RequestLedger.row(packed, ends, candidate)
                                    .getRequestId()
                                    .equals(id));
            return number < 0 ? null : RequestLedger.row(packed, ends, number);
        }

        synchronized LedgerRow row(int number) {
            return RequestLedger.row(packed, ends, number);
        }

        /** The bytes of the first {@code count} rows. */
        synchronized byte[] packed(int count) {
            return Arrays.copyOf(packed, ends[count - 1]);
        }

        /** A page with the first {@code count} rows of this one and one more: this very page if it has no others. */
        synchronized OpenPage plus(LedgerRow row, int count) {
            OpenPage page = this;
            if (filled != count || filled == ends.length) {
                page = new OpenPage(PAGE);
                for (int number = 0; number < count; number++) {
                    page.append(RequestLedger.row(packed, ends, number));
                }
            }
            page.append(row);
            return page;
        }

        private void append(LedgerRow row) {
            byte[] bytes = Wire.bytes(row);
            int begin = filled == 0 ? 0 : ends[filled - 1];
            int end = begin + bytes.length;
            if (end > packed.length) {
                packed = Arrays.copyOf(packed, Math.max(end, 2 * packed.length));
            }
            System.arraycopy(bytes, 0, packed, begin, bytes.length);
            ends[filled] = end;
            index.add(row.getRequestId(), filled);
            newestLogMillis = row.getLogMillis();
            filled++;
        }

        /** The page that this one has become: every row is filled, and no ledger adds to it any more. */
        synchronized Page full() {
            return new Page(packed(filled), Arrays.copyOf(ends, filled), index, newestLogMillis);
        }
    }

    /** A full page. */
    private static final class Page {
        private final byte[] packed;
        private final int[] ends;
        private final Index index;
        private final Oldest oldest;
        private final long newestLogMillis;
        private final DigestSum digest;

        Page(byte[] packed, int[] ends, Index index, long newestLogMillis) {
            this.packed = packed;
            this.ends = ends;
            this.index = index;
            this.newestLogMillis = newestLogMillis;
            oldest = Oldest.of(row(0));
            digest = DigestSum.ofBytes(packed);
        }

        @Nullable
        LedgerRow find(String id) {
            int number =
                    index.find(id, candidate -> row(candidate).getRequestId().equals(id));
            return number < 0 ? null : row(number);
        }

        void forEach(Consumer<LedgerRow> sink) {
            for (int number = 0; number < ends.length; number++) {
                sink.accept(row(number));
            }
        }

        private LedgerRow row(int number) {
            return RequestLedger.row(packed, ends, number);
        }
    }
}
