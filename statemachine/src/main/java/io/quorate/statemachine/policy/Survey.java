package io.quorate.statemachine.policy;

import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.FenceTicketRow;
import io.quorate.log.v1.FoundRow;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.OperationRow;
import io.quorate.log.v1.OwnershipRow;
import io.quorate.statemachine.dates.Dates;
import io.quorate.statemachine.model.Clones;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.SiteTickets.Need;
import io.quorate.statemachine.model.Units;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationState;
import io.quorate.v1.TicketState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a state needs more than once, collected once. Not shared between threads: it counts planned steps.
 *
 * <p>A look after another one may leave out what rests, see {@link #after}.
 */
final class Survey {
    private static final Comparator<UnitView> PRIORITY_THEN_NAME = Comparator.comparingInt(
                    (UnitView unit) -> -Units.priority(unit.row()))
            .thenComparing(UnitView::unitName)
            .thenComparing(UnitView::key)
            .thenComparing(UnitView::isPromotion)
            .thenComparingInt(UnitView::number);

    private final ClusterState state;
    private final long nowLogMillis;
    private final long nowWallMillis;
    /** Between these, the second one excluded, dates in rules hold as they do now. */
    private final long datesSinceWallMillis;

    private final long datesUntilWallMillis;
    private final List<NodeRow> nodes;
    private final boolean anyAutostart;
    private final List<UnitView> units = new ArrayList<>();
    private final List<UnitView> arrivals = new ArrayList<>();
    private final SortedMap<String, SortedSet<String>> ownedByNode = new TreeMap<>();
    private final SortedMap<String, SortedSet<String>> foundOn = new TreeMap<>();
    private final SortedMap<String, SortedSet<String>> startedOn = new TreeMap<>();
    private final SortedMap<String, OperationRow> moves = new TreeMap<>();
    private final SortedMap<String, FenceTicketRow> openTickets = new TreeMap<>();
    private final NavigableSet<String> fenced = new TreeSet<>();
    private final SortedMap<String, Boolean> fencePaths = new TreeMap<>();
    private final SortedMap<String, UnitView> unitsById = new TreeMap<>();
    private final SortedMap<String, CloneView> clones = new TreeMap<>();
    private final NavigableSet<String> inFlight;
    private final NavigableSet<String> decided = new TreeSet<>();
    private final TicketView tickets;
    private final SortedMap<String, List<UnitView>> boundTogether = new TreeMap<>();
    private final List<Resting> resting;
    private final List<UnitView> concerned;
    private @Nullable Relations relations;
    private @Nullable ProblemBuilder problems;
    private long readAttributesRevision = -1; // not known yet
    private long datesHeldSinceWallMillis = Long.MAX_VALUE; // at the latest, as far as it is known
    private long datesChangedAtWallMillis = Long.MIN_VALUE; // not for the last time, perhaps

    Survey(PolicyInput input) {
        this.resting = List.of();
        this.concerned = units;
        this.state = input.state();
        this.nowLogMillis = input.nowLogMillis();
        this.nowWallMillis = input.nowWallMillis();
        this.datesSinceWallMillis = nowWallMillis;
        this.datesUntilWallMillis = DatedRules.nextChange(state, nowWallMillis);
        this.inFlight = input.inFlight();
        this.nodes = List.copyOf(state.nodes().values());
        this.tickets = new TicketView(state);
        this.anyAutostart = nodes.stream().anyMatch(node -> node.getAutostartUnitsCount() > 0);
        for (InstanceRow instance : state.instances().values()) {
            ObjectRow row = Units.of(state, instance);
            if (row != null && row.hasClone()) {
                clones.computeIfAbsent(
                        Keys.bare(row.getKey()), name -> CloneView.of(row, Clones.instances(state, row)));
            } else if (row != null) {
                List<UnitView> all = Migrations.isArrival(instance) ? arrivals : units;
                all.add(new UnitView(row, instance, instance.getFailuresList()));
            }
            if (instance.hasOwnership()) {
                ownedBy(instance.getOwnership().getNode()).add(instance.getId());
            }
        }
        for (CloneView clone : clones.values()) {
            units.addAll(clone.copies());
            units.addAll(clone.promotions());
        }
        units.forEach(unit -> unitsById.put(unit.instance().getId(), unit));
        arrivals.forEach(arrival -> unitsById.put(arrival.instance().getId(), arrival));
        units.sort(PRIORITY_THEN_NAME);
        for (NodeRow node : nodes) {
            for (FoundRow found : node.getFoundList()) {
                foundOn.computeIfAbsent(found.getInstance(), id -> new TreeSet<>())
                        .add(node.getName());
                if (found.getToken().getNumber() > 0) {
                    startedOn
                            .computeIfAbsent(found.getInstance(), id -> new TreeSet<>())
                            .add(node.getName());
                }
            }
        }
        collectTickets();
        for (OperationRow operation : state.operations().values()) {
            boolean isMove =
                    operation.getKind().equals("move") || operation.getKind().equals("switchover");
            if (isMove && operation.getState() == OperationState.OPERATION_STATE_RUNNING) {
                operation.getObjectsList().forEach(unit -> moves.merge(unit, operation, Survey::newer));
            }
        }
    }

    /**
     * A survey of a later state, of which nothing but some instances differs.
     *
     * @param changed those instances
     * @param resting what need not be looked at, by position
     */
    private Survey(Survey last, PolicyInput input, SortedMap<String, InstanceRow> changed, List<Resting> resting) {
        this.state = input.state();
        this.nowLogMillis = input.nowLogMillis();
        this.nowWallMillis = input.nowWallMillis();
        this.datesSinceWallMillis = last.datesSinceWallMillis;
        this.datesUntilWallMillis = last.datesUntilWallMillis;
        this.inFlight = input.inFlight();
        this.nodes = last.nodes;
        this.tickets = last.tickets;
        this.anyAutostart = last.anyAutostart;
        this.relations = last.relations();
        this.problems = new ProblemBuilder(this, last.problems());
        ownedByNode.putAll(last.ownedByNode);
        foundOn.putAll(last.foundOn);
        startedOn.putAll(last.startedOn);
        moves.putAll(last.moves);
        clones.putAll(last.clones);
        unitsById.putAll(last.unitsById);
        units.addAll(last.units);
        arrivals.addAll(last.arrivals);
        changed.forEach((id, instance) -> {
            InstanceRow before = last.state.instance(id);
            if (before != null && before.hasOwnership()) {
                ownedByNode.computeIfPresent(before.getOwnership().getNode(), (node, ids) -> without(ids, id));
            }
            if (instance.hasOwnership()) {
                ownedByNode.compute(instance.getOwnership().getNode(), (node, ids) -> with(ids, id));
            }
            UnitView unit = last.unit(id);
            if (unit != null) {
                UnitView now = new UnitView(unit.row(), instance, instance.getFailuresList());
                units.set(position(unit), now);
                unitsById.put(id, now);
            }
        });
        collectTickets();
        this.resting = resting;
        this.concerned = new ArrayList<>();
        int next = 0;
        for (int position = 0; position < units.size(); position++) {
            if (next < resting.size() && resting.get(next).position() == position) {
                next++;
            } else {
                concerned.add(units.get(position));
            }
        }
    }

    /**
     * A survey after another one. When nothing has changed since but instances that are neither slots of clones nor arrivals,
     * and dates in rules hold as they did, it leaves out what rested then and is not bound to any of them.
     */
    static Survey after(Survey last, List<Resting> rested, PolicyInput input) {
        boolean sameDates =
                input.nowWallMillis() >= last.datesSinceWallMillis && input.nowWallMillis() < last.datesUntilWallMillis;
        if (rested.isEmpty() || !sameDates || !input.state().differsInInstancesOnly(last.state)) {
            return new Survey(input);
        }
        SortedMap<String, InstanceRow> changed = new TreeMap<>();
        if (!findChanged(last.state, input.state(), changed)
                || changed.values().stream()
                        .anyMatch(instance -> instance.hasSlot() || Migrations.isArrival(instance))) {
            return new Survey(input);
        }
        SortedSet<String> stirred = new TreeSet<>();
        changed.keySet().forEach(id -> last.stir(id, stirred));
        input.inFlight().stream()
                .filter(key -> key.startsWith(Keys.INSTANCES))
                .forEach(key -> last.stir(key.substring(Keys.INSTANCES.length()), stirred));
        return new Survey(
                last,
                input,
                changed,
                rested.stream()
                        .filter(resting -> !stirred.contains(resting.id()))
                        .toList());
    }

    /** Collects the instances that were written since; false when one has come or gone. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean findChanged(
            ClusterState before, ClusterState after, SortedMap<String, InstanceRow> changed) {
        Iterator<InstanceRow> old = before.instances().values().iterator();
        for (InstanceRow now : after.instances().values()) {
            InstanceRow then = old.hasNext() ? old.next() : InstanceRow.getDefaultInstance();
            if (now != then) {
                if (!now.getId().equals(then.getId())) {
                    return false;
                }
                changed.put(now.getId(), now);
            }
        }
        return !old.hasNext();
    }

    /** Adds an instance and all that rules bind it to. */
    private void stir(String instance, SortedSet<String> stirred) {
        UnitView unit = unit(instance);
        if (unit != null && stirred.add(instance)) {
            for (String party : relations().boundTogether(unit.party())) {
                party(party).forEach(bound -> stirred.add(bound.instance().getId()));
            }
        }
    }

    private static SortedSet<String> with(@Nullable SortedSet<String> ids, String id) {
        SortedSet<String> more = ids == null ? new TreeSet<>() : new TreeSet<>(ids);
        more.add(id);
        return more;
    }

    private static SortedSet<String> without(SortedSet<String> ids, String id) {
        SortedSet<String> fewer = new TreeSet<>(ids);
        fewer.remove(id);
        return fewer;
    }

    private void collectTickets() {
        for (FenceTicketRow ticket : state.tickets().values()) {
            if (ticket.getState() == TicketState.TICKET_STATE_OPEN) {
                openTickets.put(ticket.getNode() + "/" + ticket.getIncarnation(), ticket);
            }
            if (countsForBrake(ticket)) {
                fenced.add(ticket.getNode());
            }
        }
    }

    /** Fenced without a person and not back yet: what StormBrake counts. */
    private boolean countsForBrake(FenceTicketRow ticket) {
        NodeRow node = state.node(ticket.getNode());
        return ticket.getState() != TicketState.TICKET_STATE_CANCELLED
                && !ticket.getByPerson()
                && node != null
                && (ticket.getState() == TicketState.TICKET_STATE_OPEN || node.getPhase() != NodePhase.NODE_PHASE_UP)
                && node.getIncarnation() == ticket.getIncarnation();
    }

    private static OperationRow newer(OperationRow one, OperationRow other) {
        return one.getStartedRevision() >= other.getStartedRevision() ? one : other;
    }

    ClusterState state() {
        return state;
    }

    /** Whether hands are off it, for its own sake or for that of the node that owns it. */
    boolean isInMaintenance(UnitView unit) {
        return Units.isInMaintenance(unit.row()) || ownerInMaintenance(unit) != null;
    }

    /** The node that owns it, if that is in maintenance. */
    @Nullable
    NodeRow ownerInMaintenance(UnitView unit) {
        OwnershipRow ownership = unit.ownership();
        NodeRow node = ownership == null ? null : state.node(ownership.getNode());
        return node != null && node.hasMaintenance() ? node : null;
    }

    /** What tickets between sites mean for units. */
    TicketView tickets() {
        return tickets;
    }

    /** The lost ticket for which a unit that runs is left as it is; a person who wants it stopped gets that. Null: none. */
    @Nullable
    Need frozenBy(UnitView unit) {
        OwnershipRow ownership = unit.ownership();
        boolean runs = ownership != null
                && !tickets.of(unit).isEmpty()
                && !ownership.getReleasing()
                && !ownership.getStopFailed()
                && Standing.isInContact(this, unit)
                && Standing.isWanted(unit);
        return runs ? tickets.freezing(unit, unit.isCopy() && clone(unit).promotionOf(unit) != null) : null;
    }

    long nowLogMillis() {
        return nowLogMillis;
    }

    /** When, as long as nobody sets the wall clock, a date in a rule begins or ceases to hold; empty: never. */
    OptionalLong datesChangeAtLogMillis() {
        return datesUntilWallMillis == Dates.NEVER
                ? OptionalLong.empty()
                : OptionalLong.of(nowLogMillis + datesUntilWallMillis - nowWallMillis);
    }

    /** What rules with dates are judged by. */
    long nowWallMillis() {
        return nowWallMillis;
    }

    /**
     * Units with an instance, those of higher priority first, then by name; of a clone each of its slots, copies before
     * promotions.
     */
    List<UnitView> units() {
        return units;
    }

    /** What is taken over by live migration, in the order of ids: no unit of its own, but somebody owns it. */
    List<UnitView> arrivals() {
        return arrivals;
    }

    /** What the target of a unit's live migration holds; null: nothing. */
    @Nullable
    UnitView arrivalOf(UnitView unit) {
        return unit.isArrival() ? null : unitsById.get(Migrations.arrivalId(unit.name()));
    }

    /** The unit that an arrival is of; null when it is gone. */
    @Nullable
    UnitView sourceOf(UnitView arrival) {
        return unitsById.get(Migrations.serviceId(arrival.instance()));
    }

    /** How the live migration of a unit stands. */
    MigrationView migration(UnitView unit) {
        return MigrationView.of(this, unit);
    }

    /** Whether it is the one or the other half of a live migration. */
    boolean isHalf(UnitView unit) {
        return unit.isArrival() || unit.instance().getOwnership().hasDeparture();
    }

    /** Those of {@link #units} that have to be looked at: all but what rests. */
    List<UnitView> concerned() {
        return concerned;
    }

    /** What need not be looked at, in the order of {@link #units}. */
    List<Resting> resting() {
        return resting;
    }

    /** The place of a unit among {@link #units}. */
    int position(UnitView unit) {
        return Collections.binarySearch(units, unit, PRIORITY_THEN_NAME);
    }

    /** Says it in the terms of the placement engine. */
    ProblemBuilder problems() {
        if (problems == null) {
            problems = new ProblemBuilder(this);
        }
        return problems;
    }

    List<NodeRow> nodes() {
        return nodes;
    }

    /** Whether some node starts services at boot that could be somebody's. */
    boolean hasAutostart() {
        return anyAutostart;
    }

    /** The unit, or the slot, of an instance; null when there is none. */
    @Nullable
    UnitView unit(String instance) {
        return unitsById.get(instance);
    }

    /** All clones that have slots, by bare name. */
    SortedMap<String, CloneView> clones() {
        return clones;
    }

    /** The clone that a slot is of. */
    CloneView clone(UnitView slot) {
        return Objects.requireNonNull(clones.get(slot.unitName()), slot.name());
    }

    /** What a rule is about: a unit by itself, all copies of a clone, or all its promotions; empty when there is nothing. */
    List<UnitView> party(String id) {
        UnitView single = unitsById.get(id);
        if (single != null) {
            return List.of(single);
        }
        CloneView copied = clones.get(id);
        if (copied != null) {
            return copied.copies();
        }
        CloneView promoted = clones.get(Relations.unitOf(id));
        return promoted == null ? List.of() : promoted.promotions();
    }

    /** The rules that bind units to each other. */
    Relations relations() {
        if (relations == null) {
            relations = new Relations(state);
        }
        return relations;
    }

    /** A unit and all that rules bind it to, directly or through others, in the order of {@link #units}. */
    List<UnitView> boundTogether(UnitView unit) {
        List<UnitView> known = boundTogether.get(unit.party());
        if (known != null) {
            return known;
        }
        List<UnitView> together = new ArrayList<>();
        for (String id : relations().boundTogether(unit.party())) {
            together.addAll(party(id));
            boundTogether.put(id, together);
        }
        together.sort(PRIORITY_THEN_NAME);
        return together;
    }

    /** Ids of the instances that a node owns. */
    SortedSet<String> ownedBy(String node) {
        return ownedByNode.computeIfAbsent(node, name -> new TreeSet<>());
    }

    /** This plan has a step for an instance: what relies on it has to wait until that is done. */
    void decided(String instance) {
        decided.add(instance);
    }

    /** Whether a decision about this is proposed and not yet applied. */
    boolean isInFlight(String key) {
        return inFlight.contains(key);
    }

    /** Whether a step of an instance is planned, or proposed and not yet applied. */
    boolean isBeingDecided(String instance) {
        return decided.contains(instance) || inFlight.contains(Keys.instance(instance));
    }

    /** Units of which a step is planned, or proposed and not yet applied. */
    List<UnitView> beingDecided() {
        NavigableSet<String> instances = new TreeSet<>(decided);
        inFlight.stream()
                .filter(key -> key.startsWith(Keys.INSTANCES))
                .map(Keys::bare)
                .forEach(instances::add);
        return instances.stream().map(this::unit).filter(Objects::nonNull).toList();
    }

    /** Whether nothing but other units keeps this one from some node other than the named one. */
    boolean hasOpenNodeFor(UnitView unit, String except) {
        for (NodeRow node : nodes) {
            boolean full =
                    unit.isCopy() && clone(unit).copiesOn(node.getName()).size() >= Clones.maxPerNode(unit.row());
            if (!full && !node.getName().equals(except) && Obstacles.none(state, unit, node)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Nodes where a unit was found running without being owned there (MultipleActive). What was found promoted may be any of
     * a clone's promotions. A copy that is a thing of its node is kept from that node only, see {@link #likeItFoundOn}.
     */
    SortedSet<String> foundOn(UnitView unit) {
        return unit.isAnonymousCopy() ? new TreeSet<>() : likeItFoundOn(unit);
    }

    /** Nodes where it, or what cannot be told from it, was found running without being owned there. */
    SortedSet<String> likeItFoundOn(UnitView unit) {
        if (!unit.isPromotion() && !unit.isAnonymousCopy()) {
            return foundOn.getOrDefault(unit.name(), new TreeSet<>());
        }
        SortedSet<String> found = new TreeSet<>();
        for (UnitView other : alike(unit)) {
            found.addAll(foundOn.getOrDefault(other.name(), new TreeSet<>()));
        }
        return found;
    }

    private List<UnitView> alike(UnitView slot) {
        return slot.isPromotion() ? clone(slot).promotions() : clone(slot).copies();
    }

    /** The node where a restored cluster may take it over; null: none. */
    @Nullable
    String adoptableOn(UnitView unit) {
        if (unit.isPromotion() || unit.isAnonymousCopy()) {
            return adoptions(unit).get(unit.name());
        }
        SortedSet<String> nodes = likeItFoundOn(unit);
        return nodes.size() == 1 && !Standing.isTooMany(this, unit) ? nodes.first() : null;
    }

    /**
     * Slots of the same clone that cannot be told apart and that nobody owns, by name, with the nodes where they may be taken
     * over. First those of which an agent says that it started that very number: under another one it would start it anew.
     * The others have what is left.
     */
    private SortedMap<String, String> adoptions(UnitView slot) {
        SortedSet<String> nodes = likeItFoundOn(slot);
        int room = slot.isPromotion() ? Clones.maxPromoted(slot.row()) : Clones.maxCopies(state, slot.row());
        List<UnitView> free = new ArrayList<>();
        for (UnitView other : alike(slot)) {
            if (other.instance().hasOwnership()) {
                nodes.remove(other.instance().getOwnership().getNode());
                room--;
            } else {
                free.add(other);
            }
        }
        SortedMap<String, String> adoptions = new TreeMap<>();
        for (UnitView other : free) {
            for (String node : startedOn.getOrDefault(other.name(), new TreeSet<>())) {
                if (adoptions.size() < room && !adoptions.containsKey(other.name()) && nodes.remove(node)) {
                    adoptions.put(other.name(), node);
                }
            }
        }
        for (UnitView other : free) {
            boolean waits = !adoptions.containsKey(other.name()) && !Standing.isTooMany(this, other);
            if (waits && adoptions.size() < room && !nodes.isEmpty()) {
                adoptions.put(other.name(), nodes.first());
                nodes.remove(nodes.first());
            }
        }
        return adoptions;
    }

    /** The running operation that moves a unit, or of a clone its promoted role; null when there is none. */
    @Nullable
    OperationRow move(UnitView unit) {
        return unit.isCopy() ? null : moves.get(unit.key());
    }

    /** The open ticket for this life of a node; null when there is none. */
    @Nullable
    FenceTicketRow openTicket(String node, long incarnation) {
        return openTickets.get(node + "/" + incarnation);
    }

    /** A fence of this plan counts for StormBrake like those under way, unless the leader holds it back (StartupGrace). */
    void willFence(String node) {
        fenced.add(node);
    }

    /** Whether StormBrake lets this node be fenced beside those that are; apply counts again. */
    boolean brakeLets(String node) {
        int allowed = Math.max(1, state.nodes().size() * state.settings().maxFencedSharePercent() / 100);
        return fenced.contains(node) ? fenced.size() <= allowed : fenced.size() < allowed;
    }

    /** Nodes that are being fenced, or are off by a fence, or will be fenced by this plan, without a person. */
    NavigableSet<String> fenced() {
        return fenced;
    }

    boolean hasFencePath(String node) {
        return fencePaths.computeIfAbsent(node, name -> FencePaths.has(state, name));
    }

    /**
     * Whether the decision that gave a unit to its node looked at a state in which all that placement goes by, other than where
     * units are, was as it is now.
     */
    boolean cameSinceTheLastChange(UnitView unit) {
        OwnershipRow ownership = unit.ownership();
        long lookedAt = ownership == null ? 0 : ownership.getLookedAtRevision();
        if (ownership == null || lookedAt == 0 || lookedAt < state.meta().getChangedRevision()) {
            return false;
        }
        return readAttributesRevision() <= lookedAt
                && datesHoldSince(ownership.getGranted().getWallMillis());
    }

    /** Whether rules with dates hold now as they did then, and all the time between; each search tells of other times too. */
    private boolean datesHoldSince(long wallMillis) {
        if (wallMillis > nowWallMillis) { // somebody has set the clock back
            return datesUntilWallMillis > wallMillis;
        }
        if (wallMillis < datesHeldSinceWallMillis && wallMillis >= datesChangedAtWallMillis) {
            long next = DatedRules.nextChange(state, wallMillis);
            if (next > nowWallMillis) {
                datesHeldSinceWallMillis = wallMillis;
            } else {
                datesChangedAtWallMillis = next;
            }
        }
        return wallMillis >= datesHeldSinceWallMillis;
    }

    /** When one of the attributes was set last that a decision can depend on. */
    private long readAttributesRevision() {
        if (readAttributesRevision < 0) {
            ReadAttributes read = ReadAttributes.of(state);
            readAttributesRevision = state.attributes().values().stream()
                    .filter(attribute -> read.has(attribute.getName()))
                    .mapToLong(AttributeRow::getRevision)
                    .max()
                    .orElse(0);
        }
        return readAttributesRevision;
    }

    /** The present revisions of these objects, by key, each once. */
    List<ObjectRevision> readSet(Collection<String> keys) {
        List<ObjectRevision> readSet = new ArrayList<>();
        for (String key : new TreeSet<>(keys)) {
            readSet.add(ObjectRevision.newBuilder()
                    .setObject(key)
                    .setRevision(state.revisionOf(key))
                    .build());
        }
        return readSet;
    }
}
