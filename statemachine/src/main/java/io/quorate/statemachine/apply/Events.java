package io.quorate.statemachine.apply;

import io.quorate.log.v1.EventRow;
import io.quorate.v1.Evidence;

/** Lines of history. The kinds are documented in docs/reasons.md. */
final class Events {
    private Events() {}

    static EventRow.Builder of(String kind, String object) {
        return EventRow.newBuilder().setKind(kind).setObject(object).setOutageMillis(-1);
    }

    static String words(Evidence evidence) {
        return switch (evidence) {
            case EVIDENCE_FIRST -> "first grant";
            case EVIDENCE_RELEASED -> "stopped and verified";
            case EVIDENCE_FENCED -> "fenced";
            case EVIDENCE_SELF_FENCE_WAIT -> "self-fence wait over";
            case EVIDENCE_CONFIRMED_BY_PERSON -> "confirmed off by a person";
            case EVIDENCE_LEASE_EXPIRED -> "lease expired";
            case EVIDENCE_REBOOTED -> "machine rebooted and probed clean";
            case EVIDENCE_UNSPECIFIED, UNRECOGNIZED -> "unknown evidence";
        };
    }
}
