package io.quorate.jepsen.history;

import io.quorate.jepsen.check.LinearizabilityChecker.Prefix;
import io.quorate.jepsen.check.Model;
import io.quorate.jepsen.check.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A beginning of a history that is not linearizable, for a browser: a lane per client, a bar per operation from its
 * call to its return, a dot where each takes effect in an order that is right up to the last answer, which is red.
 */
final class Picture<S, C> {
    /** Of operations, the last ones: what came long before has shown its effect. */
    private static final int SHOWN = 24;

    private static final int LANE = 44;
    private static final int BAR = 24;
    private static final int LEFT = 90;
    private static final int TOP = 70;
    private static final int EVENT = 64;

    private final Model<S, C> model;
    private final String title;
    private final Prefix<C> prefix;
    private final List<Operation<C>> shown;
    private final Map<Long, Integer> columns = new TreeMap<>();
    private final List<String> lanes;
    private final StringBuilder svg = new StringBuilder();

    Picture(Model<S, C> model, String title, Prefix<C> prefix) {
        this.model = model;
        this.title = title;
        this.prefix = prefix;
        this.shown = prefix.operations().stream()
                .sorted(Comparator.<Operation<C>>comparingLong(Picture::lastSign)
                        .reversed())
                .limit(SHOWN)
                .sorted(Comparator.comparingLong(Operation::called))
                .toList();
        for (Operation<C> operation : shown) {
            columns.put(operation.called(), 0);
            if (!operation.isOpen()) {
                columns.put(operation.returned(), 0);
            }
        }
        int column = 0;
        for (Map.Entry<Long, Integer> entry : columns.entrySet()) {
            entry.setValue(column++);
        }
        this.lanes =
                List.copyOf(new TreeSet<>(shown.stream().map(Operation::client).toList()));
    }

    private static long lastSign(Operation<?> operation) {
        return operation.isOpen() ? operation.called() : operation.returned();
    }

    String html() {
        int width = LEFT + EVENT * (columns.size() + 2);
        int height = TOP + LANE * lanes.size() + 40;
        for (int i = 0; i < lanes.size(); i++) {
            text(8, TOP + LANE * i + BAR - 7, "lane", "client " + lanes.get(i));
        }
        shown.forEach(this::bar);
        effects();
        return """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>%1$s</title><style>
                body { font: 14px sans-serif; margin: 16px } svg { font: 12px monospace }
                rect { fill: #cfe3f7; stroke: #4a7fb0 } rect.open { fill: #f3ecd2; stroke: #b59a3c; stroke-dasharray: 4 3 }
                rect.wrong { fill: #f7c9c9; stroke: #b03a3a } circle { fill: #222 } .lane { fill: #555 } .state { fill: #2a6b2a }
                </style></head><body>
                <h1>%1$s</h1>
                <p>%2$s</p>
                <svg xmlns="http://www.w3.org/2000/svg" width="%3$d" height="%4$d">
                %5$s</svg>
                <p>Dots: an order that explains every answer but the red one, with the state after each. Dashed: no answer yet.</p>
                </body></html>
                """.formatted(escaped(title), escaped(what()), width, height, svg);
    }

    private String what() {
        Operation<C> last = prefix.last();
        return "Client " + last.client() + " was answered: " + model.describe(last.call(), false) + " (called in line "
                + last.line() + "). No order of the operations until then explains it"
                + (shown.size() < prefix.operations().size()
                        ? "; shown are the last " + shown.size() + " of "
                                + prefix.operations().size() + "."
                        : ".");
    }

    private int x(long time) {
        return LEFT + EVENT * columns.getOrDefault(time, columns.size());
    }

    private int y(Operation<C> operation) {
        return TOP + LANE * lanes.indexOf(operation.client());
    }

    private void bar(Operation<C> operation) {
        int from = x(operation.called());
        int to = operation.isOpen() ? x(Operation.OPEN) : x(operation.returned());
        String kind = operation.equals(prefix.last()) ? "wrong" : operation.isOpen() ? "open" : "answered";
        svg.append(
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"><title>line %d</title></rect>%n"
                        .formatted(kind, from, y(operation), to - from, BAR, operation.line()));
        text(from + 4, y(operation) + BAR - 8, kind, model.describe(operation.call(), operation.isOpen()));
    }

    /** Each at its call or just behind the one before it. */
    private void effects() {
        S state = model.initial();
        double at = 0;
        for (Operation<C> operation : prefix.order()) {
            @Nullable
            S next = operation.isOpen()
                    ? model.stepOfOpen(state, operation.call())
                    : model.step(state, operation.call());
            state = next == null ? state : next;
            if (shown.contains(operation)) {
                at = Math.max(at + EVENT / 4.0, x(operation.called()) + 6.0);
                svg.append(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.0f\" cy=\"%d\" r=\"3\"><title>%s</title></circle>%n",
                        at,
                        y(operation) + BAR,
                        escaped(model.describeState(state))));
                text((int) at - 4, y(operation) + BAR + 14, "state", model.describeState(state));
            }
        }
    }

    private void text(int x, int y, String kind, String words) {
        svg.append("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n".formatted(kind, x, y, escaped(words)));
    }

    private static String escaped(String text) {
        List<String> out = new ArrayList<>();
        text.codePoints()
                .forEach(point -> out.add(
                        switch (point) {
                            case '<' -> "&lt;";
                            case '>' -> "&gt;";
                            case '&' -> "&amp;";
                            case '"' -> "&quot;";
                            default -> Character.toString(point);
                        }));
        return String.join("", out);
    }
}
