package io.quorate.statemachine.policy;

import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.StartupGrace;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explanation.OfCopies;
import io.quorate.statemachine.policy.Explanation.OfPlacement;
import io.quorate.statemachine.policy.Explanation.OfSlot;
import io.quorate.statemachine.policy.Explanation.OfUnit;
import io.quorate.statemachine.policy.Explanation.Survival;
import io.quorate.statemachine.policy.Scoring.Candidate;
import io.quorate.v1.NodePhase;
import io.quorate.v1.NodeVerdict;
import io.quorate.v1.Reason;
import io.quorate.v1.RunState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says of a state why things are as they are, in words and with the command that helps. It asks the policy's own code, so
 * that it never tells another story than the one that is acted on. A pure function of the state; each instance is for one
 * state and one thread.
 */
public final class Explainer {
    private static final Comparator<Reason> WORST_FIRST = Comparator.comparing(Explainer::severity)
            .thenComparing(Explainer::firstObject)
            .thenComparing(Reason::getCode);

    private final ClusterState state;
    private final Survey survey;
    private final UnitPlanner planner;
    private final SurvivalCheck survival;

    /** At the time of the state's newest entry. */
    public Explainer(ClusterState state) {
        this(PolicyInput.of(state));
    }

    /** With rules with dates judged by this wall time, in milliseconds since 1970. */
    public Explainer(ClusterState state, long nowWallMillis) {
        this(new PolicyInput(
                state, Collections.emptyNavigableSet(), state.stamp().getLogMillis(), nowWallMillis));
    }

    private Explainer(PolicyInput input) {
        this.state = input.state();
        this.survey = new Survey(input);
        this.planner = new UnitPlanner(survey);
        this.survival = new SurvivalCheck(survey, planner.scoring());
    }

    /** Everything that a status screen says. */
    public Explanation explain() {
        SortedMap<String, OfUnit> units = new TreeMap<>();
        for (UnitView unit : survey.units()) {
            if (!units.containsKey(unit.key())) {
                units.put(unit.key(), explain(unit));
            }
        }
        boolean exclusive = survey.units().stream().anyMatch(unit -> Units.isExclusive(unit.row()));
        SortedMap<String, List<Reason>> nodes = new TreeMap<>();
        for (NodeRow node : survey.nodes()) {
            nodes.put(node.getName(), NodeReasons.of(survey, node, exclusive));
        }
        return new Explanation(Summary.of(state, units), attention(units, nodes), units, nodes);
    }

    /** One unit, by key or bare name; empty when there is none. */
    public Optional<OfUnit> unit(String nameOrKey) {
        return view(nameOrKey).map(this::explain);
    }

    /** Why a unit is where it is, with a verdict on every node; empty when there is no such unit. */
    public Optional<OfPlacement> placement(String nameOrKey) {
        return view(nameOrKey).map(unit -> {
            List<Candidate> candidates = unit.isSlot()
                    ? candidates(survey.clone(unit).copies())
                    : planner.scoring().candidates(unit);
            OfUnit explained = explain(unit);
            List<Reason> reasons = new ArrayList<>(explained.reasons());
            for (InstanceRow instance : Units.instances(state, unit.row())) {
                if (instance.hasOwnership()) {
                    reasons.addAll(instance.getOwnership().getReasonsList());
                }
            }
            reasons.addAll(DatedRules.explained(survey, unit));
            Remedies remedies = new Remedies(survey, unit);
            Held held = unit.isSlot() ? held(survey.clone(unit).copies()) : held(List.of(unit));
            return new OfPlacement(
                    unit.key(),
                    explained.node(),
                    verdicts(candidates, held),
                    reasons,
                    unit.isSlot()
                            ? remedies.ofCopies(
                                    candidates,
                                    held,
                                    node -> slotOf(survey.clone(unit).copies(), node)
                                            .isPresent())
                            : remedies.of(candidates, held),
                    unit.isSlot() ? Optional.of(ofCopies(survey.clone(unit), remedies)) : Optional.empty());
        });
    }

    /** The slot that is on a node, or will be next. */
    private Optional<UnitView> slotOf(List<UnitView> slots, String node) {
        return slots.stream()
                .filter(slot ->
                        slot.isOwnedBy(node) || planner.scoring().target(slot).equals(Optional.of(node)))
                .findFirst();
    }

    private OfCopies ofCopies(CloneView clone, Remedies remedies) {
        List<String> nodes = clone.copies().stream()
                .map(copy -> copy.instance().getOwnership().getNode())
                .filter(node -> !node.isEmpty())
                .distinct()
                .sorted()
                .toList();
        List<UnitView> promotions = clone.promotions();
        List<Candidate> candidates = promotions.isEmpty() ? List.of() : candidates(promotions);
        Held held = held(promotions);
        return new OfCopies(
                nodes,
                verdicts(candidates, held),
                remedies.ofPromotions(
                        candidates, held, node -> slotOf(promotions, node).isPresent()));
    }

    /** Slots that are free and have no place are not asked: nothing is held there. */
    private Held held(List<UnitView> units) {
        List<UnitView> counted = units.stream()
                .filter(unit -> !unit.isSlot()
                        || unit.instance().hasOwnership()
                        || !planner.look(unit).reasons().isEmpty())
                .toList();
        return Held.of(counted, unit -> reasons(planner.look(unit)));
    }

    private static List<NodeVerdict> verdicts(List<Candidate> candidates, Held held) {
        return candidates.stream().map(Candidate::verdict).map(held::explained).toList();
    }

    /** What each node is worth to a clone: to the slot that is or should be there, or to one more. */
    private List<Candidate> candidates(List<UnitView> slots) {
        List<Candidate> candidates = new ArrayList<>();
        UnitView other = slots.get(slots.size() - 1);
        for (NodeRow node : survey.nodes()) {
            candidates.add(
                    planner.scoring().candidate(slotOf(slots, node.getName()).orElse(other), node));
        }
        candidates.sort(Scoring.BEST_FIRST);
        return candidates;
    }

    /**
     * What somebody who has just defined a unit should know: whether it goes on after the loss of the node that it is on
     * or, when nobody owns it yet, would be placed on; or why no node may run it. Empty when all is well.
     */
    public List<Reason> concerns(String nameOrKey) {
        return view(nameOrKey).map(this::concerns).orElse(List.of());
    }

    private List<Reason> concerns(UnitView unit) {
        if (comesByItself(unit)) {
            return List.of();
        }
        Optional<Survival> placed = unit.isSlot()
                ? Optional.of(survival.ofClone(survey.clone(unit)))
                : unit.instance().hasOwnership() ? Optional.of(survival.of(unit)) : survival.wherePlaced(unit);
        List<Reason> reasons = placed.isPresent()
                ? placed.get().whyNot().stream().toList()
                : explain(unit).reasons();
        return reasons.stream()
                .filter(reason -> severity(reason) != ReasonCode.Severity.INFO)
                .toList();
    }

    /**
     * Nothing of it runs yet, and nobody has to do anything about that: its copies have nodes, or all that it has to be near
     * is yet to run itself, and will.
     */
    private boolean comesByItself(UnitView unit) {
        if (survival.standsStill(unit).isPresent() || isOwned(unit)) {
            return false;
        }
        if (unit.isSlot()) {
            return hasNode(survey.clone(unit).copies());
        }
        List<List<UnitView>> awaited = survey.relations().nearsOf(unit.party()).stream()
                .filter(near -> near.isMust() && near.dependent().equals(unit.party()))
                .map(near -> survey.party(near.primary()))
                .toList();
        return planner.scoring().aim(unit).isEmpty()
                && !awaited.isEmpty()
                && awaited.stream().allMatch(this::isYetToRun);
    }

    private boolean isOwned(UnitView unit) {
        return Units.instances(state, unit.row()).stream().anyMatch(InstanceRow::hasOwnership);
    }

    /** A copy is promoted once it runs. */
    private boolean isYetToRun(List<UnitView> party) {
        return party.stream().noneMatch(each -> each.instance().hasOwnership())
                && party.stream().anyMatch(each -> survival.standsStill(each).isEmpty())
                && hasNode(party.stream()
                        .flatMap(each -> each.isPromotion() ? survey.clone(each).copies().stream() : Stream.of(each))
                        .toList());
    }

    private boolean hasNode(List<UnitView> units) {
        return units.stream().anyMatch(unit -> planner.scoring().aim(unit).isPresent());
    }

    private Optional<UnitView> view(String nameOrKey) {
        ObjectRow row = Units.find(state, nameOrKey);
        return row == null
                ? Optional.empty()
                : survey.units().stream()
                        .filter(unit -> unit.key().equals(row.getKey()))
                        .findFirst();
    }

    private OfUnit explain(UnitView unit) {
        return unit.isSlot() ? explain(survey.clone(unit)) : explainSingle(unit);
    }

    private OfUnit explain(CloneView clone) {
        List<OfSlot> slots = new ArrayList<>();
        List<Reason> reasons = new ArrayList<>();
        List<RunState> copies = new ArrayList<>();
        boolean wanted = Units.isWanted(clone.row());
        List<RunState> promotions = new ArrayList<>();
        String node = "";
        for (UnitView slot : clone.slots()) {
            Outcome outcome = planner.look(slot);
            List<Reason> why = reasons(outcome);
            RunState state = runState(slot, outcome, wanted);
            OwnershipRow ownership = slot.instance().getOwnership();
            slots.add(new OfSlot(slot.name(), ownership.getNode(), ownership.getCopy(), state, why));
            why.stream().filter(reason -> !reasons.contains(reason)).forEach(reasons::add);
            boolean expected = slot.instance().hasOwnership()
                    || planner.scoring().aim(slot).isPresent();
            if (expected) {
                (slot.isCopy() ? copies : promotions).add(state);
            }
            if (slot.isPromotion() && node.isEmpty()) {
                node = ownership.getNode();
            }
        }
        addOverrides(clone.copies().isEmpty() ? null : clone.copies().get(0), reasons);
        // Without the ticket for it nothing should be promoted.
        boolean promotes = !clone.promotions().isEmpty()
                && survey.tickets().barring(clone.promotions().get(0)) == null;
        return new OfUnit(
                clone.row().getKey(),
                node,
                new CloneState(wanted, isWorst(reasons, ReasonCode.Severity.CRITICAL)).of(copies, promotions, promotes),
                wanted,
                reasons,
                survival.ofClone(clone),
                slots);
    }

    private List<Reason> reasons(Outcome outcome) {
        List<Reason> reasons = new ArrayList<>(outcome.reasons());
        if (outcome.decision() instanceof Decision.Fence fence) {
            long rest = StartupGrace.restMillis(state, fence.node(), survey.nowLogMillis());
            if (rest > 0) {
                reasons.add(NodeReasons.startupGrace(fence, rest));
            }
        }
        return reasons;
    }

    private static void addOverrides(@Nullable UnitView unit, List<Reason> reasons) {
        for (Reason override : unit == null ? List.<Reason>of() : UnitPlanner.overrides(unit)) {
            boolean said =
                    reasons.stream().anyMatch(reason -> reason.getNextStep().equals(override.getNextStep()));
            if (!said) {
                reasons.add(override);
            }
        }
    }

    private OfUnit explainSingle(UnitView unit) {
        Outcome outcome = planner.look(unit);
        List<Reason> reasons = reasons(outcome);
        UnitView arrival = survey.arrivalOf(unit);
        if (arrival != null) {
            reasons.addAll(reasons(planner.look(arrival)));
        }
        addOverrides(unit, reasons);
        boolean wanted = Units.isUnit(unit.row()) && Units.isWanted(unit.row());
        return new OfUnit(
                unit.key(),
                unit.instance().getOwnership().getNode(),
                runState(unit, outcome, wanted),
                wanted,
                reasons,
                survival.of(unit));
    }

    private RunState runState(UnitView unit, Outcome outcome, boolean wanted) {
        InstanceRow instance = unit.instance();
        UnitView arrival = survey.arrivalOf(unit);
        if (arrival != null && survey.migration(unit).hasArrived()) {
            // What is still to be stopped is only what it has left behind.
            return runState(arrival, outcome, wanted);
        }
        if (!instance.hasOwnership()) {
            boolean blocked =
                    wanted && outcome.decision() == null && isWorst(outcome.reasons(), ReasonCode.Severity.CRITICAL);
            return blocked ? RunState.RUN_STATE_BLOCKED : RunState.RUN_STATE_STOPPED;
        }
        NodeRow node = state.node(instance.getOwnership().getNode());
        boolean inContact = node != null
                && node.getPhase() == NodePhase.NODE_PHASE_UP
                && node.getIncarnation() == instance.getOwnership().getIncarnation();
        if (!inContact) {
            boolean needsPerson = says(outcome, ReasonCode.NO_EVIDENCE_PATH) || says(outcome, ReasonCode.FORMER_LIFE);
            return needsPerson ? RunState.RUN_STATE_BLOCKED : RunState.RUN_STATE_UNKNOWN;
        }
        if (instance.getOwnership().getStopFailed()) {
            return RunState.RUN_STATE_BLOCKED;
        }
        if (instance.getOwnership().getReleasing()) {
            return RunState.RUN_STATE_STOPPING;
        }
        RunState members = ofMembers(instance);
        return members == RunState.RUN_STATE_FAILED && says(outcome, ReasonCode.ON_FAIL_IGNORE)
                ? RunState.RUN_STATE_DEGRADED
                : members;
    }

    /** The state of the whole by those of its members: the worst one, except that all must run for it to run. */
    static RunState ofMembers(InstanceRow instance) {
        boolean degraded = false;
        for (MemberRowStatus member : instance.getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_FAILED) {
                return RunState.RUN_STATE_FAILED;
            }
            degraded |= member.getState() == RunState.RUN_STATE_DEGRADED;
        }
        if (RunStates.isUp(instance)) {
            return degraded ? RunState.RUN_STATE_DEGRADED : RunState.RUN_STATE_RUNNING;
        }
        for (MemberRowStatus member : instance.getMembersList()) {
            if (member.getState() == RunState.RUN_STATE_UNKNOWN) {
                return RunState.RUN_STATE_UNKNOWN;
            }
        }
        return RunState.RUN_STATE_STARTING;
    }

    private List<Reason> attention(SortedMap<String, OfUnit> units, SortedMap<String, List<Reason>> nodes) {
        List<Reason> attention = new ArrayList<>();
        if (state.isPaused()) {
            attention.add(UnitReasons.paused(state));
        }
        for (OfUnit unit : units.values()) {
            for (Reason reason : unit.reasons()) {
                boolean pausedAlready = reason.getCode().equals(ReasonCode.PAUSED.name());
                boolean explainsNotRunning = unit.wanted() && !pausedAlready;
                if (explainsNotRunning && severity(reason) != ReasonCode.Severity.INFO) {
                    attention.add(reason);
                }
            }
            if (unit.wanted() && RunStates.isUp(unit.state())) {
                unit.survival().whyNot().ifPresent(attention::add);
            }
        }
        for (List<Reason> reasons : nodes.values()) {
            reasons.stream()
                    .filter(reason -> severity(reason) != ReasonCode.Severity.INFO)
                    .forEach(attention::add);
        }
        attention.sort(WORST_FIRST);
        SortedSet<String> said = new TreeSet<>();
        return attention.stream()
                .filter(reason -> said.add(reason.getCode() + " " + firstObject(reason)))
                .toList();
    }

    private static String firstObject(Reason reason) {
        return reason.getObjectsCount() == 0 ? "" : reason.getObjects(0);
    }

    private static boolean says(Outcome outcome, ReasonCode code) {
        return outcome.reasons().stream().anyMatch(reason -> reason.getCode().equals(code.name()));
    }

    private static boolean isWorst(List<Reason> reasons, ReasonCode.Severity severity) {
        return reasons.stream().anyMatch(reason -> severity(reason) == severity);
    }

    /** How much a reason matters; one with a code of another part of the product counts as a warning. */
    static ReasonCode.Severity severity(Reason reason) {
        ReasonCode code = code(reason);
        return code == null ? ReasonCode.Severity.WARNING : code.severity();
    }

    static @Nullable ReasonCode code(Reason reason) {
        for (ReasonCode code : ReasonCode.values()) {
            if (code.name().equals(reason.getCode())) {
                return code;
            }
        }
        return null;
    }
}
