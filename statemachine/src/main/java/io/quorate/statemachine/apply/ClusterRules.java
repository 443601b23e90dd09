package io.quorate.statemachine.apply;

import com.google.protobuf.ByteString;
import io.quorate.log.v1.AttributeRow;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.CommandResult;
import io.quorate.log.v1.CreateJoinToken;
import io.quorate.log.v1.InitCluster;
import io.quorate.log.v1.InstanceRow;
import io.quorate.log.v1.JoinTokenRow;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.PauseCluster;
import io.quorate.log.v1.PauseRow;
import io.quorate.log.v1.RegisterVoter;
import io.quorate.log.v1.RemoveVoter;
import io.quorate.log.v1.ResumeCluster;
import io.quorate.log.v1.SetFeatureLevel;
import io.quorate.log.v1.SetNodeAttribute;
import io.quorate.log.v1.UseJoinToken;
import io.quorate.log.v1.VoterRow;
import io.quorate.statemachine.command.CommandKind;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.Generations;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Limits;
import io.quorate.v1.NodePhase;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The cluster itself: its beginning, its voters, pauses, levels, join tokens; and attributes of nodes. */
final class ClusterRules {
    private ClusterRules() {}

    static List<Rule<?>> all() {
        return List.of(
                new Rule<>(
                        CommandKind.INIT_CLUSTER,
                        Command::getInitCluster,
                        List.of(
                                new Guard<>("InitOnce", RejectCode.ALREADY_INITIALIZED, ClusterRules::initOnce),
                                new Guard<>("InitValid", RejectCode.INVALID_ARGUMENT, ClusterRules::initValid)),
                        ClusterRules::init),
                new Rule<>(
                        CommandKind.PAUSE_CLUSTER,
                        Command::getPauseCluster,
                        List.of(new Guard<>("NotPausedYet", RejectCode.PAUSED, ClusterRules::notPausedYet)),
                        ClusterRules::pause),
                new Rule<>(
                        CommandKind.RESUME_CLUSTER,
                        Command::getResumeCluster,
                        List.of(new Guard<>("RestoreQuarantine", RejectCode.QUARANTINED, ClusterRules::quarantineOver)),
                        ClusterRules::resume),
                new Rule<>(
                        CommandKind.SET_FEATURE_LEVEL,
                        Command::getSetFeatureLevel,
                        List.of(
                                new Guard<>("OneStepUp", RejectCode.INVALID_ARGUMENT, ClusterRules::oneStepUp),
                                new Guard<>("LevelSupported", RejectCode.LEVEL_NOT_SUPPORTED, ClusterRules::supported)),
                        ClusterRules::setLevel),
                new Rule<>(
                        CommandKind.REGISTER_VOTER,
                        Command::getRegisterVoter,
                        List.of(
                                new Guard<>("VoterValid", RejectCode.INVALID_ARGUMENT, ClusterRules::voterValid),
                                new Guard<>("VoterLimit", RejectCode.LIMIT_REACHED, ClusterRules::voterLimit),
                                new Guard<>("NoAmnesia", RejectCode.NAME_TAKEN, ClusterRules::neverReturns)),
                        (draft, register, result) -> {
                            draft.put(register.getVoter().toBuilder().setRemoved(false));
                            draft.event(Events.of(
                                            "VOTER_ADDED",
                                            "members/" + register.getVoter().getId())
                                    .setText(register.getVoter().getId() + " may vote"));
                        }),
                new Rule<>(
                        CommandKind.REMOVE_VOTER,
                        Command::getRemoveVoter,
                        List.of(new Guard<>(
                                "VoterKnown",
                                RejectCode.NOT_FOUND,
                                (situation, remove) ->
                                        situation.state().voters().containsKey(remove.getId())
                                                ? null
                                                : Rejection.of(
                                                        RejectCode.NOT_FOUND,
                                                        "members/" + remove.getId(),
                                                        "there is no member " + remove.getId()))),
                        ClusterRules::removeVoter),
                new Rule<>(
                        CommandKind.CREATE_JOIN_TOKEN,
                        Command::getCreateJoinToken,
                        List.of(
                                new Guard<>("TokenValid", RejectCode.INVALID_ARGUMENT, ClusterRules::tokenValid),
                                new Guard<>("TokenLimit", RejectCode.LIMIT_REACHED, ClusterRules::tokenLimit)),
                        ClusterRules::createToken),
                new Rule<>(
                        CommandKind.USE_JOIN_TOKEN,
                        Command::getUseJoinToken,
                        List.of(new Guard<>("TokenGood", RejectCode.INVALID_TOKEN, ClusterRules::tokenGood)),
                        ClusterRules::useToken),
                new Rule<>(
                        CommandKind.SET_NODE_ATTRIBUTE,
                        Command::getSetNodeAttribute,
                        List.of(
                                new Guard<>("AttributeName", RejectCode.INVALID_ARGUMENT, ClusterRules::attributeName),
                                new Guard<>("AttributeSize", RejectCode.TOO_LARGE, ClusterRules::attributeSize),
                                new Guard<>("AttributeLimit", RejectCode.LIMIT_REACHED, ClusterRules::attributeLimit),
                                NodeGuards.known(SetNodeAttribute::getNode)),
                        ClusterRules::setAttribute));
    }

    private static @Nullable Rejection initOnce(Situation situation, InitCluster init) {
        return situation.state().isInitialized()
                ? Rejection.of(
                        RejectCode.ALREADY_INITIALIZED,
                        "",
                        "this is cluster " + situation.state().meta().getClusterName() + " already")
                : null;
    }

    private static @Nullable Rejection initValid(Situation situation, InitCluster init) {
        boolean valid = !init.getClusterId().isEmpty()
                && Limits.isName(init.getClusterName())
                && init.getGeneration() >= 1
                && init.getGeneration() <= Generations.MAX
                && init.getVotersCount() >= 1
                && init.getVotersCount() <= Limits.VOTERS;
        return valid
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        "",
                        "a cluster begins with an id, a name, a generation and 1 to " + Limits.VOTERS + " voters");
    }

    private static void init(Draft draft, InitCluster init, CommandResult.Builder result) {
        draft.put(draft.state().meta().toBuilder()
                .setClusterId(init.getClusterId())
                .setClusterName(init.getClusterName())
                .setGeneration(init.getGeneration())
                .setFeatureLevel(1));
        for (VoterRow voter : init.getVotersList()) {
            draft.put(voter.toBuilder());
        }
        draft.event(Events.of("CLUSTER_CREATED", "").setText("cluster " + init.getClusterName() + " created"));
    }

    private static @Nullable Rejection notPausedYet(Situation situation, PauseCluster pause) {
        return situation.state().isPaused()
                ? Rejection.of(RejectCode.PAUSED, "", "the cluster is paused already")
                : null;
    }

    private static void pause(Draft draft, PauseCluster pause, CommandResult.Builder result) {
        draft.put(draft.state().meta().toBuilder()
                .setPause(PauseRow.newBuilder()
                        .setBy(draft.actor().getName())
                        .setReason(draft.command().getReason())
                        .setSince(draft.now())));
        draft.event(Events.of("CLUSTER_PAUSED", "").setText("paused: nothing is started, stopped, moved or fenced"));
    }

    /** A restored cluster acts only when every node has registered clean in this generation, or is confirmed off. */
    private static @Nullable Rejection quarantineOver(Situation situation, ResumeCluster resume) {
        ClusterState state = situation.state();
        if (!state.meta().getPause().getQuarantine()) {
            return null;
        }
        for (NodeRow node : state.nodes().values()) {
            if (node.getPhase() != NodePhase.NODE_PHASE_UP && node.getPhase() != NodePhase.NODE_PHASE_OFF) {
                return notSeen(node.getName());
            }
        }
        for (String expected : state.meta().getPause().getExpectedNodesList()) {
            if (state.node(expected) == null) {
                return notSeen(expected);
            }
        }
        return null;
    }

    private static Rejection notSeen(String node) {
        return Rejection.of(
                        RejectCode.QUARANTINED,
                        Keys.node(node),
                        node + " has neither registered since the restore nor been confirmed off")
                .withNextStep("quorate fence confirm " + node);
    }

    private static void resume(Draft draft, ResumeCluster resume, CommandResult.Builder result) {
        if (draft.state().isPaused()) {
            draft.put(draft.state().meta().toBuilder().clearPause());
            Slots.fit(draft); // a quarantine keeps those that are too many
            for (InstanceRow instance : List.copyOf(draft.state().instances().values())) {
                // anything may have been started by hand meanwhile, what is owned too
                Sightings.probeAnew(draft, instance);
            }
            draft.event(Events.of("CLUSTER_RESUMED", "")
                    .setText("resumed by " + draft.actor().getName()));
        }
    }

    private static @Nullable Rejection oneStepUp(Situation situation, SetFeatureLevel set) {
        int level = situation.state().meta().getFeatureLevel();
        return set.getLevel() == level + 1
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        "",
                        "the cluster is at level " + level + ": the next one is " + (level + 1));
    }

    private static @Nullable Rejection supported(Situation situation, SetFeatureLevel set) {
        for (VoterRow voter : situation.state().voters().values()) {
            if (!voter.getRemoved() && voter.getLevelMax() < set.getLevel()) {
                return unsupported("members/" + voter.getId(), voter.getName(), set.getLevel());
            }
        }
        for (NodeRow node : situation.state().nodes().values()) {
            if (node.getLevelMax() < set.getLevel()) {
                return unsupported(Keys.node(node.getName()), node.getName(), set.getLevel());
            }
        }
        return null;
    }

    private static Rejection unsupported(String object, String name, int level) {
        return Rejection.of(
                RejectCode.LEVEL_NOT_SUPPORTED,
                object,
                name + " does not support level " + level + ": upgrade it first");
    }

    private static void setLevel(Draft draft, SetFeatureLevel set, CommandResult.Builder result) {
        draft.put(draft.state().meta().toBuilder().setFeatureLevel(set.getLevel()));
        draft.event(Events.of("LEVEL_RAISED", "").setText("feature level " + set.getLevel()));
    }

    private static @Nullable Rejection voterValid(Situation situation, RegisterVoter register) {
        VoterRow voter = register.getVoter();
        boolean valid = Limits.isName(voter.getId())
                && Limits.isName(voter.getName())
                && voter.getName().equals(nodeOf(voter.getId()))
                && !voter.getRaftEndpoint().isEmpty();
        return valid
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        "members/" + voter.getId(),
                        "a voter has a name, an id NAME-SUFFIX and a raft endpoint");
    }

    /** Up to the last dash, as certificates are compared: n1-b-0001 is n1-b's, and nobody else may write its row. */
    private static String nodeOf(String voterId) {
        return voterId.substring(0, Math.max(0, voterId.lastIndexOf('-')));
    }

    private static @Nullable Rejection voterLimit(Situation situation, RegisterVoter register) {
        long voters = situation.state().voters().values().stream()
                .filter(voter -> !voter.getRemoved()
                        && !voter.getId().equals(register.getVoter().getId()))
                .count();
        return voters < Limits.VOTERS
                ? null
                : Rejection.of(RejectCode.LIMIT_REACHED, "", "there are " + voters + " voters already");
    }

    /** A member that was removed may hold an older past: it never votes again under that id. */
    private static @Nullable Rejection neverReturns(Situation situation, RegisterVoter register) {
        VoterRow known = situation.state().voters().get(register.getVoter().getId());
        return known == null || !known.getRemoved()
                ? null
                : Rejection.of(
                                RejectCode.NAME_TAKEN,
                                "members/" + known.getId(),
                                known.getId() + " was removed: it can never vote again")
                        .withNextStep(
                                "quorate member token, then on that host: quorate join HOST:PORT --token TOKEN --node "
                                        + known.getName() + " --address IP --replace");
    }

    private static void removeVoter(Draft draft, RemoveVoter remove, CommandResult.Builder result) {
        VoterRow voter = Objects.requireNonNull(draft.state().voters().get(remove.getId()));
        draft.put(voter.toBuilder().setRemoved(true));
        draft.event(Events.of("VOTER_REMOVED", "members/" + voter.getId()).setText(voter.getId() + " no longer votes"));
    }

    private static @Nullable Rejection tokenValid(Situation situation, CreateJoinToken create) {
        boolean valid = !create.getToken().getId().isEmpty()
                && create.getToken().getSecretDigest().size() == 32
                && create.getToken().getUsesLeft() >= 1
                && create.getValidMillis() >= 1_000
                && create.getValidMillis() <= 30L * 86_400_000L;
        return valid
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        "",
                        "a join token has at least one use and is valid for 1 s to 30 days");
    }

    private static @Nullable Rejection tokenLimit(Situation situation, CreateJoinToken create) {
        long valid = situation.state().joinTokens().values().stream()
                .filter(token ->
                        token.getExpires().getLogMillis() > situation.now().getLogMillis())
                .count();
        return valid < Limits.JOIN_TOKENS
                ? null
                : Rejection.of(
                        RejectCode.LIMIT_REACHED, "", "there are " + Limits.JOIN_TOKENS + " valid join tokens already");
    }

    private static void createToken(Draft draft, CreateJoinToken create, CommandResult.Builder result) {
        long now = draft.now().getLogMillis();
        for (JoinTokenRow token : List.copyOf(draft.state().joinTokens().values())) {
            if (token.getExpires().getLogMillis() <= now) {
                draft.deleteJoinToken(token.getId());
            }
        }
        JoinTokenRow.Builder row =
                create.getToken().toBuilder().setCreatedBy(draft.actor().getName());
        row.getExpiresBuilder()
                .setLogMillis(now + create.getValidMillis())
                .setWallMillis(draft.now().getWallMillis() + create.getValidMillis());
        draft.put(row);
        draft.event(Events.of("JOIN_TOKEN_CREATED", "").setText("join token for " + row.getUsesLeft() + " use(s)"));
    }

    private static @Nullable Rejection tokenGood(Situation situation, UseJoinToken use) {
        JoinTokenRow token = situation.state().joinTokens().get(use.getId());
        boolean good = token != null
                && sameBytes(token.getSecretDigest(), use.getSecretDigest())
                && token.getUsesLeft() > 0
                && token.getExpires().getLogMillis() > situation.now().getLogMillis();
        return good
                ? null
                : Rejection.of(RejectCode.INVALID_TOKEN, "", "the join token is unknown, used up or expired")
                        .withNextStep("quorate member token");
    }

    private static boolean sameBytes(ByteString one, ByteString other) {
        return java.security.MessageDigest.isEqual(one.toByteArray(), other.toByteArray());
    }

    private static void useToken(Draft draft, UseJoinToken use, CommandResult.Builder result) {
        JoinTokenRow token = Objects.requireNonNull(draft.state().joinTokens().get(use.getId()));
        if (token.getUsesLeft() == 1) {
            draft.deleteJoinToken(token.getId());
        } else {
            draft.put(token.toBuilder().setUsesLeft(token.getUsesLeft() - 1));
        }
        draft.event(Events.of("JOIN_TOKEN_USED", Keys.node(use.getNode()))
                .setText(use.getNode() + " joins with a token of " + token.getCreatedBy()));
    }

    private static @Nullable Rejection attributeName(Situation situation, SetNodeAttribute set) {
        return Limits.isName(set.getName())
                ? null
                : Rejection.of(
                        RejectCode.INVALID_ARGUMENT,
                        Keys.node(set.getNode()),
                        "'" + set.getName() + "' is not a name for an attribute: letters, digits, '.', '_' and '-'");
    }

    private static @Nullable Rejection attributeSize(Situation situation, SetNodeAttribute set) {
        return set.getValue().length() <= Limits.ATTRIBUTE_VALUE_BYTES
                ? null
                : Rejection.of(
                        RejectCode.TOO_LARGE,
                        Keys.attribute(set.getNode(), set.getName()),
                        "the value has " + set.getValue().length() + " characters, at most "
                                + Limits.ATTRIBUTE_VALUE_BYTES + " are allowed");
    }

    private static @Nullable Rejection attributeLimit(Situation situation, SetNodeAttribute set) {
        ClusterState state = situation.state();
        if (set.getValue().isEmpty() || state.attributes().containsKey(set.getNode() + "/" + set.getName())) {
            return null;
        }
        String prefix = set.getNode() + "/";
        int count = 0;
        String key = state.attributes().ceilingKey(prefix);
        while (key != null && key.startsWith(prefix) && count < Limits.ATTRIBUTES_PER_NODE) {
            count++;
            key = state.attributes().higherKey(key);
        }
        return count < Limits.ATTRIBUTES_PER_NODE
                ? null
                : Rejection.of(
                        RejectCode.LIMIT_REACHED,
                        Keys.node(set.getNode()),
                        set.getNode() + " has " + Limits.ATTRIBUTES_PER_NODE + " attributes already");
    }

    private static void setAttribute(Draft draft, SetNodeAttribute set, CommandResult.Builder result) {
        String key = set.getNode() + "/" + set.getName();
        if (set.getValue().isEmpty()) {
            if (draft.state().attributes().containsKey(key)) {
                draft.deleteAttribute(set.getNode(), set.getName());
            }
            return;
        }
        draft.put(AttributeRow.newBuilder()
                .setNode(set.getNode())
                .setName(set.getName())
                .setValue(set.getValue()));
        result.setNumber(draft.revision());
    }
}
