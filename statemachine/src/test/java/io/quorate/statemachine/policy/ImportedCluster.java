package io.quorate.statemachine.policy;

import io.quorate.log.v1.Actor;
import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Change;
import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.LogEntry;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.Stamp;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.apply.Applied;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.Reducer;
import io.quorate.statemachine.apply.RuleTable;
import io.quorate.statemachine.cib.Imported;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.placement.Answer;
import io.quorate.statemachine.placement.Engine;
import io.quorate.statemachine.placement.Machine;
import io.quorate.statemachine.placement.Options;
import io.quorate.statemachine.placement.Problem;
import io.quorate.statemachine.placement.Resource;
import io.quorate.statemachine.placement.Role;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.NodePhase;
import io.quorate.v1.TicketAction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The same configuration as a cluster of ours and as the CIB's own problem, with all nodes up and nothing running yet. */
final class ImportedCluster {
    private final List<Manifest> manifests;
    private final Problem original;
    private ClusterState state = ClusterState.empty();
    private long logMillis = 1_000;

    ImportedCluster(Imported imported, Problem original) {
        this.manifests = imported.manifests();
        this.original = original;
    }

    /** What apply says to the objects; the code is 0 when they are accepted. */
    CommandResult apply() {
        propose(
                Actor.Kind.KIND_SYSTEM,
                Command.newBuilder()
                        .setInitCluster(InitCluster.newBuilder()
                                .setClusterId("c1")
                                .setClusterName("test")
                                .setGeneration(1)
                                .addVoters(VoterRow.newBuilder()
                                        .setId("v-1")
                                        .setName("v")
                                        .setLevelMin(1)
                                        .setLevelMax(1))));
        // A clone that does not say how many copies there are has as many as there are nodes when it is applied.
        nodes();
        CommandResult applied = propose(
                Actor.Kind.KIND_USER,
                Command.newBuilder()
                        .setApplyObjects(
                                ApplyObjects.newBuilder().setAllowUnfenced(true).addAllManifests(manifests)));
        tickets();
        return applied;
    }

    /** Which tickets are held no file says: as in the CIB. */
    private void tickets() {
        Map<String, Problem.Ticketed> byConstraint = new TreeMap<>();
        original.ticketed().forEach(rule -> byConstraint.put(rule.id(), rule));
        for (Manifest manifest : manifests) {
            Problem.Ticketed rule = byConstraint.get(manifest.getMeta().getName());
            if (manifest.hasTicketConstraint() && rule != null) {
                String ticket = manifest.getTicketConstraint().getTicket();
                change(ticket, rule.granted(), TicketAction.TICKET_ACTION_GRANT);
                change(ticket, rule.standby(), TicketAction.TICKET_ACTION_STANDBY);
            }
        }
    }

    private void change(String ticket, boolean isSo, TicketAction action) {
        if (isSo) {
            propose(
                    Actor.Kind.KIND_USER,
                    Command.newBuilder()
                            .setChangeTicket(
                                    ChangeTicket.newBuilder().setTicket(ticket).setAction(action)));
        }
    }

    private void nodes() {
        long revision = state.revision();
        for (Machine machine : machines()) {
            state = Reducer.reduce(
                    state,
                    Change.newBuilder()
                            .setNode(NodeRow.newBuilder()
                                    .setName(machine.name())
                                    .setIncarnation(3)
                                    .setRevision(++revision)
                                    .setPhase(NodePhase.NODE_PHASE_UP))
                            .build());
            for (Map.Entry<String, String> attribute : machine.attributes().entrySet()) {
                if (!attribute.getKey().startsWith("#")) {
                    state = Reducer.reduce(
                            state,
                            Change.newBuilder()
                                    .setAttribute(AttributeRow.newBuilder()
                                            .setNode(machine.name())
                                            .setName(attribute.getKey())
                                            .setValue(attribute.getValue())
                                            .setRevision(++revision))
                                    .build());
                }
            }
        }
    }

    private CommandResult propose(Actor.Kind kind, Command.Builder command) {
        logMillis += 10;
        LogEntry entry = LogEntry.newBuilder()
                .setStamp(Stamp.newBuilder()
                        .setWallMillis(ImportedPlacementTest.TIME.toEpochMilli())
                        .setLogMillis(logMillis))
                .addCommands(command.setActor(Actor.newBuilder().setKind(kind).setName("ops")))
                .build();
        Applied applied = new Applier(RuleTable.standard()).apply(state, entry, 1);
        state = applied.state();
        return applied.results().get(0);
    }

    /**
     * Unit: the node that our model chooses, or those of a clone; where copies of a clone are promoted is a line of its own.
     * Units that run nowhere are not in it.
     */
    SortedMap<String, String> ours() {
        Survey survey = new Survey(PolicyInput.of(state));
        Scoring scoring = new Scoring(survey);
        SortedMap<String, SortedSet<String>> chosen = new TreeMap<>();
        for (UnitView unit : survey.units()) {
            String[] slot = unit.instance().getId().split(":", -1);
            String line = slot.length > 2 ? promoted(slot[0]) : slot[0];
            scoring.target(unit)
                    .ifPresent(node ->
                            chosen.computeIfAbsent(line, key -> new TreeSet<>()).add(node));
        }
        SortedMap<String, String> words = new TreeMap<>();
        chosen.forEach((line, nodes) -> words.put(line, String.join("+", nodes)));
        return words;
    }

    private static String promoted(String clone) {
        return clone + " promoted";
    }

    /** The same by the CIB's own problem; several nodes of a unit in one word, a group that is not whole with a mark. */
    SortedMap<String, String> theirs() {
        Map<String, String> unitOf = new LinkedHashMap<>();
        SortedMap<String, Integer> size = new TreeMap<>();
        for (Manifest manifest : manifests) {
            if (manifest.hasResource()) {
                unitOf.putIfAbsent(
                        manifest.getMeta().getName(), manifest.getMeta().getName());
            }
        }
        for (Manifest manifest : manifests) {
            GroupSpec group = manifest.getGroup();
            group.getMembersList()
                    .forEach(member -> unitOf.put(member, manifest.getMeta().getName()));
            size.put(manifest.getMeta().getName(), Math.max(1, group.getMembersCount()));
        }
        for (Manifest manifest : manifests) {
            if (manifest.hasClone()) {
                String clone = manifest.getMeta().getName();
                String of = manifest.getClone().getOf();
                unitOf.replaceAll((name, unit) -> unit.equals(of) ? clone : unit);
                unitOf.put(clone, clone);
            }
        }
        SortedMap<String, List<String>> nodes = new TreeMap<>();
        for (Answer.Placed placed : Engine.solve(problem(unitOf)).placed()) {
            String unit = unitOf.getOrDefault(placed.resource(), "?");
            nodes.computeIfAbsent(unit, key -> new ArrayList<>()).add(placed.machine());
            if (placed.role() == Role.PROMOTED) {
                nodes.computeIfAbsent(promoted(unit), key -> new ArrayList<>()).add(placed.machine());
            }
        }
        SortedMap<String, String> chosen = new TreeMap<>();
        nodes.forEach((unit, found) -> chosen.put(
                unit,
                String.join("+", new TreeSet<>(found))
                        + (found.size() < size.getOrDefault(unit, 1) ? " (a part)" : "")));
        return chosen;
    }

    private Problem problem(Map<String, String> unitOf) {
        List<Resource> resources = new ArrayList<>();
        for (Resource resource : original.resources()) {
            String known = resource instanceof Resource.Group group
                    ? group.members().get(0).id()
                    : resource.id();
            if (unitOf.containsKey(known)) {
                resources.add(resource);
            }
        }
        // Ours has no order of the file: where it counts, names do.
        resources.sort(Comparator.comparing(Resource::id));
        List<Problem.Colocation> colocations = new ArrayList<>(original.colocations());
        colocations.sort(Comparator.comparing(Problem.Colocation::id));
        return new Problem(
                options(),
                machines(),
                resources,
                original.locations(),
                colocations,
                original.orders(),
                original.ticketed(),
                List.of(),
                Collections.emptySortedMap(),
                Collections.emptySortedMap());
    }

    private Options options() {
        Options options = original.options();
        return new Options(
                false,
                true,
                Options.NoQuorum.IGNORE,
                options.symmetric(),
                false,
                options.stopAll(),
                true,
                true,
                options.strategy());
    }

    /** Full members, all of them up; a node of ours is nothing else. */
    private List<Machine> machines() {
        return original.machines().stream()
                .filter(machine -> machine.attribute("#kind").orElse("").equals("cluster"))
                .map(ImportedCluster::up)
                .toList();
    }

    private static Machine up(Machine machine) {
        return new Machine(
                machine.name(),
                true,
                false,
                false,
                false,
                false,
                false,
                false,
                Optional.empty(),
                machine.attributes(),
                machine.capacity());
    }

    /** Units that are not where they would be, with both places; ours first. */
    static List<String> differences(SortedMap<String, String> ours, SortedMap<String, String> theirs) {
        TreeSet<String> units = new TreeSet<>(ours.keySet());
        units.addAll(theirs.keySet());
        return units.stream()
                .filter(unit -> !Objects.equals(ours.get(unit), theirs.get(unit)))
                .map(unit -> unit + ": " + ours.getOrDefault(unit, "nowhere") + " instead of "
                        + theirs.getOrDefault(unit, "nowhere"))
                .toList();
    }
}
