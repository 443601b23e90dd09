package io.quorate.statemachine.forecast;

import io.quorate.log.v1.ApplyObjects;
import io.quorate.log.v1.ChangeTicket;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.DeclareNodeLost;
import io.quorate.log.v1.DrainNode;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.MemberRowStatus;
import io.quorate.log.v1.MoveUnit;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.log.v1.SiteTicketRow;
import io.quorate.statemachine.apply.Applier;
import io.quorate.statemachine.apply.RejectCode;
import io.quorate.statemachine.apply.Rejection;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Migrations;
import io.quorate.statemachine.model.Quorum;
import io.quorate.statemachine.model.RunStates;
import io.quorate.statemachine.model.Units;
import io.quorate.statemachine.policy.Explainer;
import io.quorate.statemachine.policy.Explanation;
import io.quorate.statemachine.policy.Policy;
import io.quorate.statemachine.policy.ReasonCode;
import io.quorate.v1.NodePhase;
import io.quorate.v1.Reason;
import io.quorate.v1.TicketAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Says what would happen. The policy is asked as the leader asks it, its decisions pass the rules of apply, and agents to
 * whom nothing happens do what they are told in the time that history has of it, until nothing more is decided. A pure
 * function of state and question, safe for use by several threads.
 */
public final class Simulator {
    private final Policy policy;

    public Simulator(Policy policy) {
        this.policy = policy;
    }

    /**
     * What would happen in this state.
     *
     * @throws QuestionRefusedException when what is supposed would be refused: bad manifests, an unknown node
     */
    public Forecast run(ClusterState state, Question question) {
        requireKnown(state, question);
        World world = new World(state);
        History history = new History(state);
        Run run = new Run(world, policy, history);
        Quorum quorum =
                question.failedNodes().isEmpty() ? Quorum.full(state) : Quorum.without(state, question.failedNodes());
        run.forgetFailures(question.failedResources().isEmpty());
        ClusterState configured = configure(run, question);
        boolean rests = run.toRest();
        for (InstanceRow instance : redefined(state, configured)) {
            if (!run.steps().concern(instance.getId())) {
                run.steps().redefined(instance, history.restart(configured, instance));
            }
        }
        rests &= revoke(run, question.revoked());
        rests &= moveAndDrain(run, question);
        if (quorum.holds()) {
            rests &= fail(run, question);
        }
        return forecast(run, question, quorum, rests, configured, history);
    }

    private static void requireKnown(ClusterState state, Question question) {
        List<String> nodes = new ArrayList<>(question.failedNodes());
        nodes.addAll(question.drained());
        for (String node : nodes) {
            if (state.node(node) == null) {
                throw refused(state, RejectCode.NOT_FOUND, Keys.node(node), "no node is named " + node);
            }
        }
    }

    private static QuestionRefusedException refused(
            ClusterState state, RejectCode code, String object, String message) {
        return new QuestionRefusedException(Applier.refused(state, Rejection.of(code, object, message)));
    }

    private static boolean isUp(NodeRow node) {
        return node.getPhase() == NodePhase.NODE_PHASE_UP || node.getPhase() == NodePhase.NODE_PHASE_JOINING;
    }

    private static ClusterState configure(Run run, Question question) {
        World world = run.world();
        if (!question.manifests().isEmpty() || !question.pruneSet().isEmpty()) {
            ClusterState before = world.state();
            world.must(
                    World.PERSON,
                    Command.newBuilder()
                            .setApplyObjects(ApplyObjects.newBuilder()
                                    .addAllManifests(question.manifests())
                                    .setPruneSet(question.pruneSet())
                                    .setAllowUnfenced(question.allowUnfenced())));
            question.manifests().forEach(manifest -> run.rely(List.of(Keys.of(manifest))));
            run.rely(changed(before, world.state()));
        }
        return world.state();
    }

    private static NavigableSet<String> changed(ClusterState before, ClusterState after) {
        NavigableSet<String> keys = new TreeSet<>();
        before.objects().forEach((key, row) -> {
            if (!row.equals(after.object(key))) {
                keys.add(key);
            }
        });
        after.objects().keySet().stream()
                .filter(key -> before.object(key) == null)
                .forEach(keys::add);
        return keys;
    }

    /** Instances that run, and of which a member is defined otherwise than before: the agent sees that by itself. */
    private static List<InstanceRow> redefined(ClusterState before, ClusterState after) {
        List<InstanceRow> redefined = new ArrayList<>();
        for (InstanceRow instance : after.instances().values()) {
            NodeRow owner = after.node(instance.getOwnership().getNode());
            boolean runs = instance.hasOwnership()
                    && !instance.getOwnership().getReleasing()
                    && !Migrations.isArrival(instance)
                    && !instance.hasSlot() // the policy decides when
                    && owner != null
                    && owner.getPhase() == NodePhase.NODE_PHASE_UP;
            if (runs && instance.getMembersList().stream().anyMatch(member -> isRedefined(before, after, member))) {
                redefined.add(instance);
            }
        }
        return redefined;
    }

    private static boolean isRedefined(ClusterState before, ClusterState after, MemberRowStatus member) {
        ObjectRow was = before.object(Keys.resource(member.getResource()));
        ObjectRow is = after.object(Keys.resource(member.getResource()));
        return was != null
                && is != null
                && !Arrays.equals(Units.definitionDigest(was.getResource()), Units.definitionDigest(is.getResource()));
    }

    private static boolean revoke(Run run, List<String> tickets) {
        for (String ticket : tickets) {
            run.world()
                    .must(
                            World.PERSON,
                            Command.newBuilder()
                                    .setChangeTicket(ChangeTicket.newBuilder()
                                            .setTicket(ticket)
                                            .setAction(TicketAction.TICKET_ACTION_REVOKE)));
        }
        return tickets.isEmpty() || run.toRest();
    }

    private static boolean moveAndDrain(Run run, Question question) {
        boolean rests = true;
        for (Question.Move move : question.moves()) {
            run.world()
                    .must(
                            World.PERSON,
                            Command.newBuilder()
                                    .setMoveUnit(MoveUnit.newBuilder()
                                            .setUnit(move.unit())
                                            .setToNode(move.toNode())
                                            .setPromoted(move.promoted())));
            rests &= run.toRest();
            // it would go back with the next change, whatever that is: that is no place to stay either
            run.world().lookAnew();
            rests &= run.toRest();
        }
        for (String node : question.drained()) {
            run.world()
                    .must(
                            World.PERSON,
                            Command.newBuilder()
                                    .setDrainNode(DrainNode.newBuilder().setNode(node)));
        }
        return rests && (question.drained().isEmpty() || run.toRest());
    }

    private static boolean fail(Run run, Question question) {
        boolean rests = true;
        if (!question.failedNodes().isEmpty()) {
            failNodes(run.world(), question.failedNodes());
            rests = run.toRest();
        }
        int left = question.failedResources().size();
        for (String resource : question.failedResources()) {
            failResource(run.world(), resource);
            left--;
            run.forgetFailures(left == 0);
            rests &= run.toRest();
        }
        return rests;
    }

    /** They are silent for as long as it takes to give a node up; what runs there is down from the first moment. */
    private static void failNodes(World world, List<String> names) {
        long silence = world.state().settings().suspectAfterMillis();
        world.waitUntil(world.nowLogMillis() + silence);
        for (String name : new TreeSet<>(names)) {
            NodeRow node = world.state().node(name);
            if (node != null && isUp(node)) {
                world.sendMeasured(Command.newBuilder()
                        .setDeclareNodeLost(DeclareNodeLost.newBuilder()
                                .setNode(name)
                                .setIncarnation(node.getIncarnation())
                                .setSilenceMillis(silence)
                                .setWhy("supposed by a plan")));
            }
        }
    }

    /** A resource by name or key; of a group its first member. */
    private static void failResource(World world, String nameOrKey) {
        ClusterState state = world.state();
        String name = Keys.bare(nameOrKey);
        ObjectRow group = state.object(Keys.group(name));
        String member = group == null || group.getGroup().getMembersCount() == 0
                ? name
                : group.getGroup().getMembers(0);
        for (InstanceRow instance : state.instances().values()) {
            boolean runs = instance.hasOwnership()
                    && instance.getMembersList().stream()
                            .anyMatch(row -> row.getResource().equals(member) && RunStates.isUp(row.getState()));
            if (runs) {
                Agents.fail(world, instance, member);
                return;
            }
        }
        boolean known = state.object(Keys.resource(member)) != null;
        throw refused(
                state,
                known ? RejectCode.NOT_OWNER : RejectCode.NOT_FOUND,
                Keys.resource(member),
                known ? member + " does not run: it cannot fail" : "there is no resource or group " + name);
    }

    private Forecast forecast(
            Run run, Question question, Quorum quorum, boolean rests, ClusterState configured, History history) {
        ClusterState end = run.world().state();
        Explanation then = new Explainer(end, run.world().datesAtWallMillis()).explain();
        NavigableSet<String> withoutPlace = new TreeSet<>();
        then.units().forEach((key, unit) -> {
            boolean runs = RunStates.isUp(unit.state());
            boolean lost = !quorum.holds() && question.failedNodes().contains(unit.node());
            if (unit.wanted() && (!runs || lost)) {
                withoutPlace.add(key);
            }
        });
        OpenPlaces places = new OpenPlaces(run.initial(), run.world(), policy, history);
        NavigableSet<String> open = quorum.holds() ? places.find(then.units()) : new TreeSet<>();
        withoutPlace.removeAll(open);
        List<Reason> warnings = new ArrayList<>();
        if (!quorum.holds()) {
            warnings.add(reason(
                    ReasonCode.QUORUM_LOST,
                    quorum.left() + " of " + quorum.voters()
                            + " voters would be left: nothing is decided, started, moved or fenced until more are back",
                    "quorate member list"));
        }
        if (!rests) {
            warnings.add(reason(
                    ReasonCode.PLAN_NOT_AT_REST,
                    "the steps did not come to rest within what is computed: what is shown is only the beginning",
                    ""));
        }
        for (String ticket : question.revoked()) {
            SiteTicketRow row = run.initial().siteTickets().get(ticket);
            if (row == null || !row.getGranted()) {
                warnings.add(reason(
                        ReasonCode.TICKET_NOT_HELD,
                        "the ticket " + ticket + " is not granted to this cluster: revoking it changes nothing",
                        "quorate ticket list"));
            }
        }
        List<Reason> now = new Explainer(run.initial()).explain().attention();
        then.attention().stream()
                .filter(reason -> now.stream().noneMatch(old -> isSame(old, reason)))
                .filter(reason -> !places.isOnlyBecauseOfThem(reason))
                .map(reason -> reason.toBuilder().clearNextStep().build()) // it is of a state that is only supposed
                .forEach(warnings::add);
        open.forEach(key -> warnings.add(places.why(key)));
        return new Forecast(
                run.steps().all(),
                run.reads(),
                quorum,
                rests,
                warnings,
                new ArrayList<>(withoutPlace),
                configured,
                end);
    }

    private static boolean isSame(Reason one, Reason other) {
        return one.getCode().equals(other.getCode()) && one.getObjectsList().equals(other.getObjectsList());
    }

    private static Reason reason(ReasonCode code, String message, String nextStep) {
        return Reason.newBuilder()
                .setCode(code.name())
                .setMessage(message)
                .setNextStep(nextStep)
                .build();
    }
}
