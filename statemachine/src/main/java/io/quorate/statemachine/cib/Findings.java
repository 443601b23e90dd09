package io.quorate.statemachine.cib;

import io.quorate.statemachine.cib.Finding.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what became of each thing. */
final class Findings {
    private final List<Finding> found = new ArrayList<>();

    void kept(Element element, String subject, String text) {
        found.add(new Finding(element.at().line(), subject, Verdict.KEPT, false, text));
    }

    void changed(Element element, String subject, String text) {
        found.add(new Finding(element.at().line(), subject, Verdict.CHANGED, false, text));
    }

    void lost(Element element, String subject, String text) {
        found.add(new Finding(element.at().line(), subject, Verdict.NOT_SUPPORTED, false, text));
    }

    /** Lost, and data were protected by it. */
    void protectionLost(Element element, String subject, String text) {
        found.add(new Finding(element.at().line(), subject, Verdict.NOT_SUPPORTED, true, text));
    }

    /** Takes back that something was taken over; what was lost stays lost. */
    void revoke(Element element, String subject) {
        found.removeIf(each -> each.line() == element.at().line()
                && each.subject().equals(subject)
                && each.verdict() != Verdict.NOT_SUPPORTED);
    }

    /** In the order of the file. */
    List<Finding> inOrder() {
        List<Finding> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Finding::line));
        return sorted;
    }
}
