package io.quorate.statemachine.apply;

import io.quorate.v1.NodePhase;

/** Words for the phases of a node. */
final class Phases {
    private Phases() {}

    static String words(NodePhase phase) {
        return switch (phase) {
            case NODE_PHASE_JOINING -> "joining";
            case NODE_PHASE_UP -> "up";
            case NODE_PHASE_LOST -> "lost";
            case NODE_PHASE_OFF -> "off";
            case NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }
}
