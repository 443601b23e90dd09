package io.quorate.statemachine.policy;

import io.quorate.log.v1.AssignOwner;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.MigrateInstance;
import io.quorate.log.v1.ObjectRevision;
import io.quorate.log.v1.RecoverInstance;
import io.quorate.log.v1.ReleaseOwner;
import io.quorate.log.v1.RequestFence;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.FencingToken;
import io.quorate.v1.Position;
import io.quorate.v1.Reason;
import java.util.List;

/** One step that the leader may propose. Apply checks it again; a decision is advice until it is committed. */
public sealed interface Decision {
    /** The key that this decision is about, {@code instances/web} or {@code nodes/n2}: one in flight for each. */
    String subject();

    /** Why, most important first. Encoded together at most {@link Reasons#MAX_BYTES}. */
    List<Reason> reasons();

    /** The objects that it relied on with their revisions, in order of key; apply refuses it when one has moved. */
    List<ObjectRevision> readSet();

    /** The same, having relied on these objects. */
    default Decision relyingOn(List<ObjectRevision> reads) {
        if (this instanceof Assign assign) {
            return new Assign(assign.instance(), assign.node(), assign.incarnation(), assign.copy(), reasons(), reads);
        }
        if (this instanceof Release release) {
            return new Release(release.instance(), release.token(), reasons(), reads);
        }
        if (this instanceof Migrate migrate) {
            return new Migrate(
                    migrate.instance(), migrate.token(), migrate.toNode(), migrate.toIncarnation(), reasons(), reads);
        }
        if (this instanceof Recover recover) {
            return new Recover(recover.instance(), recover.token(), recover.fromMember(), reasons(), reads);
        }
        if (this instanceof Fence fence) {
            return new Fence(fence.node(), fence.incarnation(), reasons(), reads);
        }
        ForgetFailures forget = (ForgetFailures) this;
        return new ForgetFailures(forget.instance(), forget.node(), forget.member(), reasons(), reads);
    }

    /**
     * The command that says this, with its read set. The proposer adds the request id and the actor, and to a fence
     * whether it has seen the node.
     *
     * @param lookedAt the position of the state that it was decided on
     */
    default Command.Builder toCommand(Position lookedAt) {
        Command.Builder command = Command.newBuilder().addAllReadSet(readSet()).setKnownPosition(lookedAt);
        if (this instanceof Assign assign) {
            command.setAssignOwner(AssignOwner.newBuilder()
                    .setInstance(assign.instance())
                    .setNode(assign.node())
                    .setIncarnation(assign.incarnation())
                    .setCopy(assign.copy())
                    .addAllReasons(reasons()));
        } else if (this instanceof Release release) {
            command.setReleaseOwner(ReleaseOwner.newBuilder()
                    .setInstance(release.instance())
                    .setToken(release.token())
                    .addAllReasons(reasons()));
        } else if (this instanceof Migrate migrate) {
            command.setMigrateInstance(MigrateInstance.newBuilder()
                    .setInstance(migrate.instance())
                    .setToken(migrate.token())
                    .setToNode(migrate.toNode())
                    .setToIncarnation(migrate.toIncarnation())
                    .addAllReasons(migrate.lastingReasons()));
        } else if (this instanceof Recover recover) {
            command.setRecoverInstance(RecoverInstance.newBuilder()
                    .setInstance(recover.instance())
                    .setToken(recover.token())
                    .setFromMember(recover.fromMember())
                    .addAllReasons(reasons()));
        } else if (this instanceof Fence fence) {
            command.setRequestFence(RequestFence.newBuilder()
                    .setNode(fence.node())
                    .setIncarnation(fence.incarnation())
                    .setReason(fence.reason()));
        } else if (this instanceof ForgetFailures forget) {
            command.setForgetFailures(io.quorate.log.v1.ForgetFailures.newBuilder()
                    .setInstance(forget.instance())
                    .setNode(forget.node())
                    .setMember(forget.member()));
        }
        return command;
    }

    /**
     * Give a free instance to a node.
     *
     * @param copy of a promotion: the copy on that node that is promoted; empty for all others
     */
    record Assign(
            String instance,
            String node,
            long incarnation,
            String copy,
            List<Reason> reasons,
            List<ObjectRevision> readSet)
            implements Decision {
        public Assign {
            reasons = List.copyOf(reasons);
            readSet = List.copyOf(readSet);
        }

        @Override
        public String subject() {
            return Keys.instance(instance);
        }
    }

    /** Tell the owner to stop an instance and give it back. */
    record Release(String instance, FencingToken token, List<Reason> reasons, List<ObjectRevision> readSet)
            implements Decision {
        public Release {
            reasons = List.copyOf(reasons);
            readSet = List.copyOf(readSet);
        }

        @Override
        public String subject() {
            return Keys.instance(instance);
        }
    }

    /**
     * Tell the owner to hand a running instance over to another node without stopping it. From its commit both hold it.
     *
     * @param token of the owner that it leaves
     */
    record Migrate(
            String instance,
            FencingToken token,
            String toNode,
            long toIncarnation,
            List<Reason> reasons,
            List<ObjectRevision> readSet)
            implements Decision {
        public Migrate {
            reasons = List.copyOf(reasons);
            readSet = List.copyOf(readSet);
        }

        /** Why it is there from then on: that it is on its way is over when it has arrived. */
        List<Reason> lastingReasons() {
            return reasons.stream()
                    .filter(reason -> !reason.getCode().equals(ReasonCode.MIGRATING.name()))
                    .toList();
        }

        @Override
        public String subject() {
            return Keys.instance(instance);
        }
    }

    /** Tell the owner to stop and start members again where they are, from {@code fromMember} on in start order. */
    record Recover(
            String instance, FencingToken token, String fromMember, List<Reason> reasons, List<ObjectRevision> readSet)
            implements Decision {
        public Recover {
            reasons = List.copyOf(reasons);
            readSet = List.copyOf(readSet);
        }

        @Override
        public String subject() {
            return Keys.instance(instance);
        }
    }

    /** Switch a node off. The leader may hold it back (StartupGrace, StormBrake) and asks again later. */
    record Fence(String node, long incarnation, List<Reason> reasons, List<ObjectRevision> readSet)
            implements Decision {
        public Fence {
            reasons = List.copyOf(reasons);
            readSet = List.copyOf(readSet);
        }

        /** The reason that the ticket carries. */
        public Reason reason() {
            return reasons.get(0);
        }

        @Override
        public String subject() {
            return Keys.node(node);
        }
    }

    /** Forget a member's failures on a node: the last one is older than the unit's {@code forgetAfter}. */
    record ForgetFailures(
            String instance, String node, String member, List<Reason> reasons, List<ObjectRevision> readSet)
            implements Decision {
        public ForgetFailures {
            reasons = List.copyOf(reasons);
            readSet = List.copyOf(readSet);
        }

        @Override
        public String subject() {
            return Keys.instance(instance);
        }
    }
}
