package io.quorate.statemachine.placement;

import io.quorate.statemachine.placement.Slot.Bond;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The slots of a problem, with what runs in them, their scores before anything is placed, and how they are bound. */
final class Layout {
    private final Problem problem;
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final Map<String, Slot> byId = new LinkedHashMap<>();
    /** Primitive id: its instances. */
    private final Map<String, List<Single>> singles = new LinkedHashMap<>();

    final List<Slot> slots = new ArrayList<>();

    Layout(Problem problem) {
        this.problem = problem;
        problem.machines().forEach(machine -> machines.put(machine.name(), machine));
        for (Resource resource : problem.resources()) {
            Slot slot = slot(resource);
            slots.add(slot);
        }
        occupy();
        startScores();
        locations();
        exclusives();
        colocations();
        tickets();
        present();
    }

    Optional<Slot> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    List<Single> instances(String primitive) {
        return singles.getOrDefault(primitive, List.of());
    }

    private Slot slot(Resource resource) {
        Slot slot;
        if (resource instanceof Resource.Clone clone) {
            Copies copies = new Copies(clone);
            for (int number = 0; number < instances(clone); number++) {
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
            slot.singles().forEach(single -> byId.put(single.of.id(), single));
        }
        byId.put(resource.id(), slot);
        return slot;
    }

    /** As many as may run, and as many as do. */
    private int instances(Resource.Clone clone) {
        long active = problem.activities().stream()
                .filter(activity -> first(clone.of()).id().equals(activity.resource()))
                .count();
        int highest = problem.activities().stream()
                .filter(activity -> first(clone.of()).id().equals(activity.resource()))
                .flatMapToInt(activity -> activity.instance().stream())
                .max()
                .orElse(-1);
        return Math.max(clone.max(), clone.unique() ? highest + 1 : (int) active);
    }

    private static Resource.Primitive first(Resource resource) {
        return resource instanceof Resource.Group group ? group.members().get(0) : (Resource.Primitive) resource;
    }

    private Slot inner(Resource resource, @Nullable Slot parent, String suffix) {
        if (resource instanceof Resource.Group group) {
            Series series = new Series(group.id() + suffix, group.meta(), parent);
            for (Resource.Primitive member : group.members()) {
                series.members.add(single(member, series, suffix));
            }
            return series;
        }
        return single((Resource.Primitive) resource, parent, suffix);
    }

    private Single single(Resource.Primitive primitive, @Nullable Slot parent, String suffix) {
        Single single = new Single(primitive.id() + suffix, primitive, parent);
        singles.computeIfAbsent(primitive.id(), id -> new ArrayList<>()).add(single);
        return single;
    }

    /** Gives each activity to an instance: the numbered one, or the first that is free or is on that node with its group. */
    private void occupy() {
        for (Problem.Activity activity : problem.activities()) {
            Machine machine = machines.get(activity.machine());
            List<Single> candidates = instances(activity.resource());
            if (machine == null || candidates.isEmpty() || !activity.role().isActive()) {
                continue;
            }
            Single single = candidates.size() == 1 ? candidates.get(0) : instance(candidates, activity, machine);
            if (single != null) {
                single.running.add(activity);
                single.nodes.add(machine);
            }
        }
    }

    private static @Nullable Single instance(List<Single> candidates, Problem.Activity activity, Machine machine) {
        Copies copies = candidates.get(0).copies().orElseThrow();
        OptionalInt number = activity.instance();
        if (copies.of.unique() && number.isPresent()) {
            return number.getAsInt() < candidates.size() ? candidates.get(number.getAsInt()) : null;
        }
        for (Single candidate : candidates) {
            if (candidate.parent instanceof Series series
                    && series.members.stream().anyMatch(member -> member.nodes.contains(machine))) {
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

    private void startScores() {
        if (!problem.options().symmetric()) {
            return;
        }
        for (Slot slot : slots) {
            walk(slot).forEach(each -> machines.values().forEach(machine -> each.scores.put(machine, 0)));
        }
    }

    static List<Slot> walk(Slot slot) {
        List<Slot> all = new ArrayList<>(List.of(slot));
        slot.children().forEach(child -> all.addAll(walk(child)));
        return all;
    }

    private void locations() {
        for (Problem.Location location : problem.locations()) {
            if (location.role().map(role -> role == Role.PROMOTED).orElse(false)) {
                continue;
            }
            targets(location.resource()).forEach(target -> locate(target, location, false));
        }
    }

    private void exclusives() {
        Map<String, List<String>> only = new LinkedHashMap<>();
        for (Problem.Location location : problem.locations()) {
            if (location.exclusive()) {
                only.computeIfAbsent(location.resource(), id -> new ArrayList<>())
                        .addAll(location.scores().keySet());
            }
        }
        only.forEach((id, names) -> targets(id)
                .forEach(target -> walk(target)
                        .forEach(slot -> slot.scores.keySet().removeIf(machine -> !names.contains(machine.name())))));
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
        if (instances.size() > 1 || slot instanceof Copies && !slot.id.equals(id) && !instances.isEmpty()) {
            return List.copyOf(instances);
        }
        return slot == null ? List.of() : List.of(slot);
    }

    /** A group's preference is its first member's; the others may be there too. */
    private void locate(Slot slot, Problem.Location location, boolean presenceOnly) {
        location.scores().forEach((name, score) -> {
            Machine machine = machines.get(name);
            if (machine != null) {
                slot.allow(machine, presenceOnly ? 0 : score);
            }
        });
        boolean first = true;
        for (Slot child : slot.children().toList()) {
            locate(child, location, presenceOnly || slot instanceof Series && !first);
            first = false;
        }
    }

    private void colocations() {
        for (Slot slot : slots) {
            for (Slot each : walk(slot)) {
                if (each instanceof Series series) {
                    for (int i = 1; i < series.members.size(); i++) {
                        Single member = series.members.get(i);
                        Single before = series.members.get(i - 1);
                        bind(new Bond(
                                Optional.empty(),
                                member,
                                Optional.empty(),
                                before,
                                Optional.empty(),
                                Score.INFINITY,
                                "#uname",
                                member.meta.critical()));
                    }
                }
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
                        rule.attribute(),
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
        boolean maintenance = single.nodes.stream().anyMatch(Machine::maintenance);
        single.blocked |= single.running.stream().anyMatch(Problem.Activity::blocked);
        single.stopped = single.stopped || isStopped(single) || stopsWithoutQuorum(single);
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
        }
        for (Problem.Activity activity : problem.activities()) {
            if (activity.resource().equals(single.of.id()) && activity.banned()) {
                single.add(machines.get(activity.machine()), -Score.INFINITY);
            }
        }
        var counts = problem.failCounts().get(single.of.id());
        if (counts != null && single.meta.migrationThreshold().isPresent()) {
            counts.forEach((name, count) -> {
                Machine machine = machines.get(name);
                if (machine != null && count >= single.meta.migrationThreshold().getAsInt()) {
                    ban(single, machine);
                }
            });
        }
    }

    private boolean isStopped(Single single) {
        return problem.activities().stream()
                .anyMatch(activity -> activity.resource().equals(single.of.id()) && activity.stop());
    }

    private boolean stopsWithoutQuorum(Single single) {
        Options options = problem.options();
        boolean stops = switch (options.noQuorum()) {
            case STOP, FENCE, DEMOTE -> true;
            case IGNORE, FREEZE -> false;
        };
        return !options.quorum() && stops && !single.of.fenceDevice();
    }

    /** A member that may not run somewhere keeps its group away. */
    private static void ban(Single single, Machine machine) {
        single.add(machine, -Score.INFINITY);
    }
}
