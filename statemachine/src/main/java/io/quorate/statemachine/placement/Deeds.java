package io.quorate.statemachine.placement;

import java.util.ArrayList;
import java.util.List;

/** The operations of one change, as nodes of the graph; -1 for what is not done. */
final class Deeds {
    static final int NONE = -1;

    final Change change;
    int demote = NONE;
    int migrateTo = NONE;
    int migrateFrom = NONE;
    /** By the places in {@link Change#stops}. */
    final List<Integer> stops = new ArrayList<>(1);

    /** What stops first, where that is not what stops last. */
    List<Integer> firstStops = List.of();

    /** What starts first, where that is not what starts last. */
    int firstStart = NONE;

    /** When it is up: for what migrates, a point after its source has stopped. */
    int start = NONE;

    int promote = NONE;

    Deeds(Change change) {
        this.change = change;
    }

    /** What has to be done of a step before what comes after it may begin. */
    List<Integer> ends(Problem.Step step) {
        return switch (step) {
            case START -> one(start);
            case STOP -> stops;
            case PROMOTE -> one(promote);
            case DEMOTE -> one(demote);
        };
    }

    /** What may begin of a step when what comes before it is done. What migrates leaves before it stops. */
    List<Integer> begins(Problem.Step step) {
        return switch (step) {
            case START ->
                migrateTo != NONE
                        ? one(migrateTo)
                        : migrateFrom != NONE ? one(migrateFrom) : one(firstStart != NONE ? firstStart : start);
            case STOP -> migrateTo != NONE ? one(migrateTo) : firstStops.isEmpty() ? stops : firstStops;
            case PROMOTE -> one(promote);
            case DEMOTE -> one(demote);
        };
    }

    private static List<Integer> one(int node) {
        return node == NONE ? List.of() : List.of(node);
    }

    boolean migrates() {
        return migrateFrom != NONE;
    }
}
