package io.quorate.server.agent;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.DesiredInstance;
import io.quorate.server.agent.exec.CopyFiles;
import io.quorate.statemachine.model.Clones;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What copies of clones here say and are to be told: their promotion scores go to the cluster, what becomes of other copies
 * comes to them. On the loop's thread only.
 */
final class CopyDesk {
    private static final Logger LOG = LoggerFactory.getLogger(CopyDesk.class);

    private final CopyFiles files;
    private final Consumer<SortedMap<String, String>> onScores;
    private final Map<String, Score> scores = new TreeMap<>();
    private final Map<String, Telling> tellings = new HashMap<>();

    private record Score(String attribute, String value) {}

    /** What one copy knows of the others, and what it is yet to be told: at most one change of each kind for each member. */
    private static final class Telling {
        private CloneContext told;
        private CloneContext latest;
        private final Deque<Action> steps = new ArrayDeque<>();

        Telling(CloneContext told) {
            this.told = told;
            this.latest = told;
        }
    }

    /** @param onScores hears of all promotion scores of this node by attribute, whenever one changed */
    CopyDesk(CopyFiles files, Consumer<SortedMap<String, String>> onScores) {
        this.files = files;
        this.onScores = onScores;
    }

    /** What the latest set of work says of the clone of a copy. */
    void take(DesiredInstance desired, Optional<InstanceState> known) {
        if (desired.getClone().getClone().isEmpty() || !desired.getCopy().isEmpty()) {
            return;
        }
        String copy = desired.getInstance();
        CloneContext before = known.map(state -> state.part().context()).orElse(desired.getClone());
        Telling telling = tellings.computeIfAbsent(copy, name -> new Telling(before));
        telling.latest = desired.getClone();
        try {
            files.keepPeers(copy, desired.getClone());
        } catch (IOException e) {
            LOG.warn("{}: cannot keep where the other copies are: {}", copy, e.getMessage());
        }
    }

    /** What a copy is to be told next. One that does not run is told nothing: its start hears how things are. */
    Optional<Action> next(InstanceState state) {
        Telling telling = tellings.get(state.instance());
        if (telling == null || !state.part().isCopy()) {
            return Optional.empty();
        }
        boolean hears = state.part().context().getNotify()
                && state.allRunning()
                && state.members().stream().allMatch(member -> member.spec().hasOcf());
        if (!hears) {
            telling.told = telling.latest;
            telling.steps.clear();
            return Optional.empty();
        }
        if (telling.steps.isEmpty() && !telling.told.equals(telling.latest)) {
            for (PeerChanges.Change change : PeerChanges.between(telling.told, telling.latest, state.instance())) {
                state.members()
                        .forEach(member ->
                                telling.steps.add(new Action.Tell(state.instance(), member.resource(), change)));
            }
            telling.told = telling.latest;
        }
        return Optional.ofNullable(telling.steps.poll());
    }

    /** A copy begins anew, or ended: what it said of a promotion before counts no more. */
    void dropScore(String copy) {
        try {
            files.dropScore(copy);
        } catch (IOException e) {
            LOG.warn("{}: cannot drop its promotion score: {}", copy, e.getMessage());
        }
        forget(copy);
    }

    /** Reads what a copy says of a promotion now. */
    void read(InstanceState state) {
        if (!state.part().isCopy()) {
            return;
        }
        Optional<String> score = state.mayRun() ? score(state.instance()) : Optional.empty();
        if (score.isEmpty()) {
            forget(state.instance());
            return;
        }
        Score now = new Score(Clones.scoreName(state.part().context().getClone()), score.get());
        if (!now.equals(scores.put(state.instance(), now))) {
            onScores.accept(byAttribute());
        }
    }

    /** A look found no copy here, and there is no record of one. What its agent keeps for later stays. */
    void foundNone(String copy) {
        try {
            files.dropUnused(copy);
        } catch (IOException e) {
            LOG.warn("{}: cannot remove its directory: {}", copy, e.getMessage());
        }
    }

    /** This node has nothing to do with a copy any more. */
    void drop(String copy) {
        tellings.remove(copy);
        forget(copy);
        try {
            files.drop(copy);
        } catch (IOException e) {
            LOG.warn("{}: cannot remove its files: {}", copy, e.getMessage());
        }
    }

    private void forget(String copy) {
        if (scores.remove(copy) != null) {
            onScores.accept(byAttribute());
        }
    }

    private Optional<String> score(String copy) {
        try {
            return files.score(copy);
        } catch (IOException e) {
            LOG.warn("{}: cannot read its promotion score: {}", copy, e.getMessage());
            return Optional.empty();
        }
    }

    /** Of several copies on this node, which only a globally unique clone has, the last one speaks. */
    private SortedMap<String, String> byAttribute() {
        SortedMap<String, String> attributes = new TreeMap<>();
        scores.values().forEach(score -> attributes.put(score.attribute(), score.value()));
        return attributes;
    }
}
