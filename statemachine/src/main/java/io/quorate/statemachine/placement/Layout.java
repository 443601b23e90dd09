package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Problem.Activity;
import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The slots of a problem, with what runs in them, their scores before anything is placed, and how they are bound. */
final class Layout {
    /** Where nothing is possible unless a rule allows it: no rule has said anything of this node yet. */
    private static final int UNSAID = Integer.MIN_VALUE;

    private final Problem problem;
    private final Trace trace;
    final Nodes nodes;
    private final Map<String, Slot> byId;
    /** Id of a primitive inside a clone: its instances. */
    private final Map<String, List<Single>> cloned = new LinkedHashMap<>();
    /** Id of a clone's first primitive: what is known of it on nodes. */
    private final Map<String, List<Activity>> activeInClones = new LinkedHashMap<>();

    /** Top level, in the order of the configuration. */
    final List<Slot> slots = new ArrayList<>();
    /** Every primitive instance, in the same order. */
    final List<Single> singles = new ArrayList<>();

    Layout(Problem problem, Trace trace) {
        this.problem = problem;
        this.trace = trace;
        this.nodes = new Nodes(problem.machines());
        // A group has a few members: this is about the size that it takes.
        this.byId = new LinkedHashMap<>(4 * problem.resources().size());
        findActiveInClones();
        problem.resources().forEach(resource -> slots.add(slot(resource)));
        occupy();
        locations();
        exclusives();
        connections();
        colocations();
        tickets();
        present();
    }

    Optional<Slot> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    List<Single> instances(String primitive) {
        return byId.get(primitive) instanceof Single single
                ? List.of(single)
                : cloned.getOrDefault(primitive, List.of());
    }

    private void findActiveInClones() {
        for (Resource resource : problem.resources()) {
            if (resource instanceof Resource.Clone clone) {
                activeInClones.put(first(clone.of()).id(), new ArrayList<>());
            }
        }
        if (!activeInClones.isEmpty()) {
            problem.activities()
                    .forEach(activity -> activeInClones
                            .getOrDefault(activity.resource(), new ArrayList<>())
                            .add(activity));
        }
    }

    private Slot slot(Resource resource) {
        Slot slot;
        if (resource instanceof Resource.Clone clone) {
            Copies copies = new Copies(clone, nodes.size());
            for (int number = 0; number < count(clone); number++) {
                copies.instances.add(inner(clone.of(), copies, ":" + number));
            }
            slot = copies;
            // The definition itself stands for the clone in rules.
            byId.put(clone.of().id(), copies);
            if (clone.of() instanceof Resource.Group group) {
                group.members().forEach(member -> byId.putIfAbsent(member.id(), copies));
            }
        } else {
            slot = inner(resource, null, "");
        }
        byId.put(resource.id(), slot);
        return slot;
    }

    /** As many as may run, and as many as do. */
    private int count(Resource.Clone clone) {
        List<Activity> active = activeInClones.getOrDefault(first(clone.of()).id(), List.of());
        int highest = active.stream()
                .flatMapToInt(activity -> activity.instance().stream())
                .max()
                .orElse(-1);
        return Math.max(clone.max(), clone.unique() ? highest + 1 : active.size());
    }

    private static Resource.Primitive first(Resource resource) {
        return resource instanceof Resource.Group group ? group.members().get(0) : (Resource.Primitive) resource;
    }

    private Slot inner(Resource resource, @Nullable Slot parent, String suffix) {
        if (resource instanceof Resource.Group group) {
            Series series = new Series(group.id() + suffix, group.meta(), parent, nodes.size());
            for (Resource.Primitive member : group.members()) {
                series.members.add(single(member, series, series.members.size(), suffix));
            }
            return series;
        }
        return single((Resource.Primitive) resource, parent, 0, suffix);
    }

    private Single single(Resource.Primitive primitive, @Nullable Slot parent, int position, String suffix) {
        String id = suffix.isEmpty() ? primitive.id() : primitive.id() + suffix;
        Single single = new Single(id, primitive, parent, position, nodes.size());
        if (single.copies().isPresent()) {
            cloned.computeIfAbsent(primitive.id(), key -> new ArrayList<>()).add(single);
        } else if (parent != null) {
            byId.put(id, single);
        }
        singles.add(single);
        return single;
    }

    /** Gives each activity to an instance: the numbered one, or the first that is free or is on that node with its group. */
    private void occupy() {
        for (Activity activity : problem.activities()) {
            @Nullable Node node = nodes.find(activity.machine());
            List<Single> candidates = instances(activity.resource());
            candidates.forEach(candidate -> candidate.known.add(activity));
            if (node == null || candidates.isEmpty() || !activity.role().isActive()) {
                continue;
            }
            Single single = candidates.size() == 1 ? candidates.get(0) : instance(candidates, activity, node);
            if (single != null) {
                single.running.add(activity);
                single.nodes.add(node);
                for (Slot slot = single; slot != null; slot = slot.parent) {
                    slot.active = true;
                }
            }
        }
    }

    private static @Nullable Single instance(List<Single> candidates, Activity activity, Node node) {
        Copies copies = candidates.get(0).copies().orElseThrow();
        OptionalInt number = activity.instance();
        if (copies.of.unique() && number.isPresent()) {
            return number.getAsInt() < candidates.size() ? candidates.get(number.getAsInt()) : null;
        }
        for (Single candidate : candidates) {
            if (candidate.parent instanceof Series series
                    && series.members.stream().anyMatch(member -> member.nodes.contains(node))) {
                return candidate;
            }
        }
        return candidates.stream()
                .filter(candidate -> candidate.parent instanceof Series series
                        ? series.members.stream().allMatch(member -> member.nodes.isEmpty())
                        : candidate.nodes.isEmpty())
                .findFirst()
                .orElse(null);
    }

    static List<Slot> walk(Slot slot) {
        if (slot instanceof Single) {
            return List.of(slot);
        }
        List<Slot> all = new ArrayList<>(List.of(slot));
        slot.children().forEach(child -> all.addAll(walk(child)));
        return all;
    }

    private void locations() {
        boolean anywhere = problem.options().symmetric();
        if (!anywhere) {
            everySlot().forEach(slot -> Arrays.fill(slot.scores, UNSAID));
        }
        for (Problem.Location location : problem.locations()) {
            if (location.role().map(role -> role == Role.PROMOTED).orElse(false)) {
                continue;
            }
            targets(location.resource()).forEach(target -> locate(target, location, false));
        }
        if (!anywhere) {
            everySlot().forEach(slot -> {
                for (int i = 0; i < slot.scores.length; i++) {
                    slot.scores[i] = Math.max(-Score.INFINITY, slot.scores[i]);
                }
                trace.scored(slot, Trace.Cause.OPT_IN);
            });
        }
    }

    private List<Slot> everySlot() {
        return slots.stream().flatMap(slot -> walk(slot).stream()).toList();
    }

    /** A group's preference is its first member's; the others may be there too. */
    private void locate(Slot slot, Problem.Location location, boolean presenceOnly) {
        location.scores().forEach((name, score) -> {
            @Nullable Node node = nodes.find(name);
            if (node != null) {
                int said = slot.scores[node.index];
                int more = presenceOnly ? 0 : score;
                slot.scores[node.index] = said == UNSAID ? Score.limited(more) : Score.add(said, more);
            }
        });
        trace.located(slot, location.id());
        boolean first = true;
        for (Slot child : slot.children().toList()) {
            locate(child, location, presenceOnly || (slot instanceof Series && !first));
            first = false;
        }
    }

    private void exclusives() {
        Map<String, Set<String>> only = new LinkedHashMap<>();
        for (Problem.Location location : problem.locations()) {
            if (location.exclusive()) {
                only.computeIfAbsent(location.resource(), id -> new TreeSet<>())
                        .addAll(location.scores().keySet());
            }
        }
        only.forEach((id, names) -> targets(id)
                .forEach(target -> walk(target)
                        .forEach(slot -> nodes.all.stream()
                                .filter(node -> !names.contains(node.name()))
                                .forEach(slot::ban))));
    }

    /** What other nodes are reached by, and fence devices, run on members only. */
    private void connections() {
        for (Single single : singles) {
            if (single.of.fenceDevice() || !nodes.carriedBy(single).isEmpty()) {
                nodes.all.stream()
                        .filter(node -> node.machine.container().isPresent())
                        .forEach(single::ban);
            }
        }
    }

    /** What may not run without a ticket, or not go on. */
    private void tickets() {
        for (Problem.Ticketed rule : problem.ticketed()) {
            for (Slot target : targets(rule.resource())) {
                target.singles().forEach(single -> ticket(single, rule));
            }
        }
    }

    private void ticket(Single single, Problem.Ticketed rule) {
        if (rule.granted() && !rule.standby()) {
            return;
        }
        single.noPromotion |= rule.isForPromotion();
        if (!rule.granted() && !single.running.isEmpty()) {
            switch (rule.lossPolicy()) {
                case STOP -> single.stopped = true;
                case DEMOTE, FENCE -> single.stopped |= !rule.isForPromotion();
                case FREEZE -> single.blocked = true;
            }
        } else {
            single.stopped |= !rule.isForPromotion() || rule.lossPolicy() == Problem.LossPolicy.STOP;
        }
    }

    /** A rule about something inside a clone is about every instance of it. */
    private List<Slot> targets(String id) {
        List<Single> instances = instances(id);
        Slot slot = byId.get(id);
        if (instances.size() > 1 || (slot instanceof Copies && !slot.id.equals(id) && !instances.isEmpty())) {
            return List.copyOf(instances);
        }
        return slot == null ? List.of() : List.of(slot);
    }

    private void colocations() {
        for (Single single : singles) {
            if (single.parent instanceof Series series && single.position > 0) {
                bind(new Bond(
                        Optional.empty(),
                        single,
                        Optional.empty(),
                        series.members.get(single.position - 1),
                        Optional.empty(),
                        Score.INFINITY,
                        nodes.sites("#uname"),
                        single.meta.critical()));
            }
        }
        for (Problem.Colocation rule : problem.colocations()) {
            Slot dependent = byId.get(rule.dependent());
            Slot primary = byId.get(rule.primary());
            if (dependent != null && primary != null && dependent != primary) {
                bind(new Bond(
                        Optional.of(rule),
                        dependent,
                        rule.dependentRole(),
                        primary,
                        rule.primaryRole(),
                        rule.score(),
                        nodes.sites(rule.attribute()),
                        rule.influence()));
            }
        }
    }

    private static void bind(Bond bond) {
        bond.dependent().bonds.add(bond);
        bond.primary().dependents.add(bond);
    }

    /** What the present state says: stickiness, failures, what nobody may touch. */
    private void present() {
        for (Slot slot : slots) {
            slot.singles().forEach(this::present);
            slot.singles().filter(single -> single.blocked).forEach(single -> single.managed = false);
        }
    }

    private void present(Single single) {
        boolean maintenance = false;
        for (Node node : single.nodes) {
            maintenance |= node.machine.maintenance();
        }
        for (Activity activity : single.running) {
            single.blocked |= activity.blocked();
        }
        single.stopped |= stopsWithoutQuorum(single);
        boolean several = single.nodes.size() > 1;
        single.stopped |= several && single.meta.multipleActive() == Meta.MultipleActive.STOP_ONLY;
        if (several && single.meta.multipleActive() == Meta.MultipleActive.BLOCK) {
            if (single.parent instanceof Series series) {
                series.members.forEach(member -> member.blocked = true);
            }
            single.blocked = true;
        }
        single.managed = single.meta.managed()
                && !single.meta.maintenance()
                && !problem.options().maintenance()
                && !maintenance
                && !single.blocked;
        int stickiness = single.meta.stickiness().orElse(single.copies().isPresent() ? 1 : 0);
        if (single.nodes.size() == 1) {
            single.add(single.nodes.get(0), stickiness);
            trace.scored(single, Trace.Cause.STICKINESS);
        }
        for (Activity activity : single.known) {
            single.stopped |= activity.stop();
            if (activity.banned()) {
                ban(single, activity.machine());
            }
        }
        var counts = problem.failCounts().get(single.of.id());
        if (counts != null && single.meta.migrationThreshold().isPresent()) {
            counts.forEach((name, count) -> {
                if (count >= single.meta.migrationThreshold().getAsInt()) {
                    ban(single, name);
                }
            });
        }
        trace.scored(single, Trace.Cause.FAILURES);
    }

    private boolean stopsWithoutQuorum(Single single) {
        Options options = problem.options();
        boolean stops = switch (options.noQuorum()) {
            case STOP, FENCE, DEMOTE -> true;
            case IGNORE, FREEZE -> false;
        };
        return !options.quorum() && stops && !single.of.fenceDevice();
    }

    private void ban(Single single, String machine) {
        @Nullable Node node = nodes.find(machine);
        if (node != null) {
            single.ban(node);
        }
    }
}
