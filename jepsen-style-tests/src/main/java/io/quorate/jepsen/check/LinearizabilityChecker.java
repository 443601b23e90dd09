package io.quorate.jepsen.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for an order of a history's operations in which each takes effect between its call and its return and every
 * answer is right: the search of Wing and Gong (1993) with the memory of Lowe (2017), per object, as linearizability
 * is local (Herlihy and Wing 1990). Operations whose outcome is not known may take effect at any time after their
 * call, or never; of two places that differ in these alone the one that has more of them left is enough. What never
 * changes anything, such as a read, takes effect where it is right: whatever can follow can follow then, too.
 */
public final class LinearizabilityChecker<S, C> {
    /**
     * What a check found.
     *
     * @param order when linearizable: what took effect, one after another; empty otherwise
     * @param places that the search looked at
     */
    public record Result<C>(Verdict verdict, List<Operation<C>> order, long places) {
        public Result {
            order = List.copyOf(order);
        }
    }

    /**
     * The shortest beginning of a history that is not linearizable.
     *
     * @param operations those called by then; the last answer is what makes it illegal, what had none yet is open
     * @param last the operation with that answer
     * @param order in which all but the last answer are right
     */
    public record Prefix<C>(List<Operation<C>> operations, Operation<C> last, List<Operation<C>> order) {
        public Prefix {
            operations = List.copyOf(operations);
            order = List.copyOf(order);
        }
    }

    private final Model<S, C> model;
    private final long mostPlaces;

    /** Gives up, as unknown, after {@code mostPlaces} places of the search; each takes some 150 bytes. */
    public LinearizabilityChecker(Model<S, C> model, long mostPlaces) {
        this.model = model;
        this.mostPlaces = mostPlaces;
    }

    /** Of the operations on one object, in any order. */
    public Result<C> check(List<Operation<C>> operations) {
        return new Search(operations).run();
    }

    /** Of operations on one object that are not linearizable; their beginnings are so up to some answer. */
    public Prefix<C> shortestIllegalPrefix(List<Operation<C>> operations) {
        List<Operation<C>> answers = operations.stream()
                .filter(operation -> !operation.isOpen())
                .sorted(Comparator.comparingLong(Operation::returned))
                .toList();
        int legal = 0;
        int illegal = answers.size();
        while (illegal - legal > 1) {
            int middle = (legal + illegal) >>> 1;
            boolean holds =
                    check(upTo(operations, answers.get(middle - 1).returned())).verdict() != Verdict.ILLEGAL;
            legal = holds ? middle : legal;
            illegal = holds ? illegal : middle;
        }
        Operation<C> last = answers.get(illegal - 1);
        List<Operation<C>> before =
                legal == 0 ? List.of() : upTo(operations, answers.get(legal - 1).returned());
        return new Prefix<>(
                upTo(operations, last.returned()), last, check(before).order());
    }

    private List<Operation<C>> upTo(List<Operation<C>> operations, long time) {
        return operations.stream()
                .filter(operation -> operation.called() < time)
                .map(operation -> operation.returned() > time ? operation.opened() : operation)
                .toList();
    }

    /** A step of the search: a place, how it was come to, and what can take effect next. */
    private static final class Step<S, C> {
        final Linearized<S> place;
        final List<Operation<C>> by;
        final List<Integer> next;
        int tried;

        Step(Linearized<S> place, List<Operation<C>> by, List<Integer> next) {
            this.place = place;
            this.by = by;
            this.next = next;
        }
    }

    private final class Search {
        private final List<Operation<C>> closed;
        private final List<Operation<C>> open;
        private final Map<Linearized<S>, List<Linearized<S>>> seen = new HashMap<>();
        private final Deque<Step<S, C>> path = new ArrayDeque<>();
        private long places;

        Search(List<Operation<C>> operations) {
            Comparator<Operation<C>> byCall = Comparator.comparingLong(Operation::called);
            closed = operations.stream()
                    .filter(operation -> !operation.isOpen())
                    .sorted(byCall)
                    .toList();
            open = operations.stream().filter(Operation::isOpen).sorted(byCall).toList();
        }

        Result<C> run() {
            enter(Linearized.none(model.initial()), new ArrayList<>());
            while (!path.isEmpty()) {
                Step<S, C> step = path.getLast();
                if (step.place.base() == closed.size()) {
                    return new Result<>(Verdict.LINEARIZABLE, order(), places);
                }
                if (places > mostPlaces) {
                    return new Result<>(Verdict.UNKNOWN, List.of(), places);
                }
                if (step.tried == step.next.size()) {
                    path.removeLast();
                } else {
                    tryNext(step);
                }
            }
            return new Result<>(Verdict.ILLEGAL, List.of(), places);
        }

        private List<Operation<C>> order() {
            List<Operation<C>> order = new ArrayList<>();
            path.forEach(step -> order.addAll(step.by));
            return order;
        }

        private void tryNext(Step<S, C> step) {
            int index = step.next.get(step.tried++);
            Linearized<S> place = step.place;
            boolean isOpen = index >= closed.size();
            Operation<C> operation = isOpen ? open.get(index - closed.size()) : closed.get(index);
            S state = isOpen
                    ? model.stepOfOpen(place.state(), operation.call())
                    : model.step(place.state(), operation.call());
            if (state != null) {
                List<Operation<C>> by = new ArrayList<>(List.of(operation));
                enter(isOpen ? place.withOpen(index - closed.size(), state) : place.withClosed(index, state), by);
            }
        }

        /** Goes on from this place, to which {@code by} led, unless one as good was seen before. */
        private void enter(Linearized<S> entered, List<Operation<C>> by) {
            Linearized<S> place = entered;
            List<Integer> next = next(place);
            int read = firstRead(place, next);
            while (read >= 0) {
                by.add(closed.get(read));
                place = place.withClosed(read, place.state());
                next = next(place);
                read = firstRead(place, next);
            }
            if (isNew(place)) {
                places++;
                path.addLast(new Step<>(place, by, next));
            }
        }

        private int firstRead(Linearized<S> place, List<Integer> next) {
            for (int index : next) {
                if (index < closed.size()) {
                    C call = closed.get(index).call();
                    if (model.isRead(call) && model.step(place.state(), call) != null) {
                        return index;
                    }
                }
            }
            return -1;
        }

        private boolean isNew(Linearized<S> place) {
            List<Linearized<S>> others = seen.computeIfAbsent(place, first -> new ArrayList<>(1));
            for (Linearized<S> other : others) {
                if (other.covers(place)) {
                    return false;
                }
            }
            others.removeIf(place::covers);
            others.add(place);
            return true;
        }

        /**
         * What was called before the first return among those that have not taken effect, the first to return first;
         * open ones, by their place behind the closed ones, last.
         */
        private List<Integer> next(Linearized<S> place) {
            long firstReturn = Long.MAX_VALUE;
            List<Integer> next = new ArrayList<>();
            for (int i = place.base(); i < closed.size() && closed.get(i).called() < firstReturn; i++) {
                if (!place.hasClosed(i)) {
                    firstReturn = Math.min(firstReturn, closed.get(i).returned());
                    next.add(i);
                }
            }
            next.sort(Comparator.comparingLong(i -> closed.get(i).returned()));
            for (int i = 0; i < open.size() && open.get(i).called() < firstReturn; i++) {
                if (!place.hasOpen(i)) {
                    next.add(closed.size() + i);
                }
            }
            return next;
        }
    }
}
