package io.quorate.server.raft;

import io.quorate.agent.v1.MachineIdentity;
import io.quorate.log.v1.Actor;
import io.quorate.log.v1.Command;
import io.quorate.log.v1.RegisterNode;
import io.quorate.log.v1.SetNodeAttribute;
import io.quorate.statemachine.model.ClusterState;
import java.util.UUID;

/** Commands for tests of replication: one node, and attributes of it as registers. */
final class Commands {

    static final String NODE = "n1";

    private Commands() {}

    /** Without it no attribute can be set. */
    static Command registerNode() {
        return Command.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_NODE).setName(NODE))
                .setRegisterNode(RegisterNode.newBuilder()
                        .setNode(NODE)
                        .setMachine(MachineIdentity.newBuilder()
                                .setMachineId("machine")
                                .setBootId("boot"))
                        .setLevelMin(1)
                        .setLevelMax(1)
                        .setVersion("test"))
                .build();
    }

    static Command set(String name, String value) {
        return Command.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setActor(Actor.newBuilder().setKind(Actor.Kind.KIND_USER).setName("test"))
                .setSetNodeAttribute(SetNodeAttribute.newBuilder()
                        .setNode(NODE)
                        .setName(name)
                        .setValue(value))
                .build();
    }

    static String get(ClusterState state, String name) {
        var row = state.attributes().get(NODE + "/" + name);
        return row == null ? "" : row.getValue();
    }
}
