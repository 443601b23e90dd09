package io.quorate.statemachine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.log.v1.LedgerRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestLedgerTest {
    private static LedgerRow row(long sequence, String id, long logMillis) {
        return LedgerRow.newBuilder()
                .setSequence(sequence)
                .setRequestId(id)
                .setRevision(sequence * 10)
                .setLogMillis(logMillis)
                .build();
    }

    private static RequestLedger filled(RequestLedger ledger, int rows) {
        RequestLedger more = ledger;
        for (int i = 0; i < rows; i++) {
            long sequence = more.nextSequence();
            more = more.plus(row(sequence, "r" + sequence, sequence));
        }
        return more;
    }

    @Test
    void findsEveryRowAcrossPages() {
        RequestLedger ledger = filled(RequestLedger.empty(), 2 * RequestLedger.PAGE + 7);
        for (long sequence = 1; sequence < ledger.nextSequence(); sequence++) {
            assertThat(ledger.find("r" + sequence)).isEqualTo(row(sequence, "r" + sequence, sequence));
        }
        assertThat(ledger.find("r0")).isNull();
        assertThat(ledger.size()).isEqualTo(2 * RequestLedger.PAGE + 7);
    }

    @Test
    void findsEveryRowOfMorePagesThanItsFilterHasBitsForAndStillAfterSomeWereForgotten() {
        RequestLedger ledger = filled(RequestLedger.empty(), 19 * RequestLedger.PAGE + 7);
        RequestLedger trimmed = ledger.trimmed(5 * RequestLedger.PAGE + RequestLedger.KEPT_MILLIS + 1);
        assertThat(trimmed.size()).isEqualTo(14 * RequestLedger.PAGE + 7);
        for (long sequence = 1; sequence < ledger.nextSequence(); sequence++) {
            assertThat(ledger.find("r" + sequence) != null).isTrue();
            assertThat(trimmed.find("r" + sequence) != null).isEqualTo(sequence > 5 * RequestLedger.PAGE);
        }
    }

    @Test
    void aLedgerIsAValueWhateverIsMadeOfIt() {
        RequestLedger base = filled(RequestLedger.empty(), 5);
        DigestSum before = base.digest();
        RequestLedger one = base.plus(row(6, "one", 6));
        RequestLedger other = base.plus(row(6, "other", 6)).plus(row(7, "more", 7));
        assertThat(base.find("one")).isNull();
        assertThat(base.digest()).isEqualTo(before);
        assertThat(one.find("other")).isNull();
        assertThat(other.find("one")).isNull();
        assertThat(other.find("other")).isNotNull();
        assertThat(other.find("r3")).isNotNull();
        assertThat(base.plus(row(6, "one", 6)).digest()).isEqualTo(one.digest());
        assertThat(RequestLedger.empty().isEmpty()).isTrue();
    }

    @Test
    void twoIdsWithOneHashAreTwoRequests() {
        RequestLedger ledger = RequestLedger.empty().plus(row(1, "Aa", 1)).plus(row(2, "BB", 2));
        RequestLedger packed = filled(ledger, RequestLedger.PAGE);
        for (RequestLedger each : List.of(ledger, packed)) {
            assertThat(each.find("Aa")).isEqualTo(row(1, "Aa", 1));
            assertThat(each.find("BB")).isEqualTo(row(2, "BB", 2));
            assertThat(each.find("C#")).isNull();
        }
    }

    @Test
    void forgetsWholePagesThatAreOldAndSaysSinceWhen() {
        RequestLedger ledger = filled(RequestLedger.empty(), RequestLedger.PAGE + 3);
        long newest = RequestLedger.PAGE;
        assertThat(ledger.trimmed(newest + RequestLedger.KEPT_MILLIS).size()).isEqualTo(RequestLedger.PAGE + 3);
        assertThat(ledger.hasForgotten()).isFalse();
        RequestLedger trimmed = ledger.trimmed(newest + RequestLedger.KEPT_MILLIS + 1);
        assertThat(trimmed.size()).isEqualTo(3);
        assertThat(trimmed.hasForgotten()).isTrue();
        assertThat(trimmed.oldestRevision()).isEqualTo((RequestLedger.PAGE + 1) * 10L);
        assertThat(trimmed.find("r1")).isNull();
        assertThat(trimmed.nextSequence()).isEqualTo(ledger.nextSequence());
    }

    @Test
    void neverForgetsTheNewestPageWhenNothingFollowed() {
        RequestLedger ledger = filled(RequestLedger.empty(), RequestLedger.PAGE).trimmed(Long.MAX_VALUE / 2);
        assertThat(ledger.nextSequence()).isEqualTo(RequestLedger.PAGE + 1);
        assertThat(ledger.size()).isEqualTo(RequestLedger.PAGE);
    }

    @Test
    void isBoundedAndKeepsAtLeastThePromisedNumber() {
        RequestLedger ledger = RequestLedger.empty();
        for (int page = 0; page < 20; page++) {
            ledger = filled(ledger, RequestLedger.PAGE).trimmed(0);
            assertThat(ledger.size()).isLessThan(RequestLedger.KEPT + RequestLedger.PAGE);
        }
        assertThat(ledger.size()).isEqualTo(RequestLedger.KEPT);
    }

    @Test
    void rowsInTheirOrderMakeAnEqualLedger() {
        RequestLedger ledger = filled(RequestLedger.empty(), 2 * RequestLedger.PAGE + 9)
                .trimmed(RequestLedger.PAGE + RequestLedger.KEPT_MILLIS + 1);
        List<LedgerRow> rows = new ArrayList<>();
        ledger.forEach(rows::add);
        RequestLedger again = RequestLedger.empty();
        for (LedgerRow row : rows) {
            again = again.plus(row);
        }
        assertThat(again.digest()).isEqualTo(ledger.digest());
        assertThat(again.size()).isEqualTo(ledger.size());
        assertThat(again.oldestRevision()).isEqualTo(ledger.oldestRevision());
    }

    @Test
    void refusesARowOutOfOrderAndAnIdTwice() {
        RequestLedger ledger = filled(RequestLedger.empty(), 2);
        assertThatThrownBy(() -> ledger.plus(row(4, "x", 4))).hasMessageContaining("LEDGER-ORDER");
        assertThatThrownBy(() -> ledger.plus(row(3, "r1", 4))).hasMessageContaining("LEDGER-ONCE");
    }
}
