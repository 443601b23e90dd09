package io.quorate.statemachine.policy;

import io.quorate.v1.NodePhase;

/** Words for people about nodes. */
final class NodeWords {
    private NodeWords() {}

    static String phase(NodePhase phase) {
        return switch (phase) {
            case NODE_PHASE_JOINING -> "joining";
            case NODE_PHASE_UP -> "up";
            case NODE_PHASE_LOST -> "lost";
            case NODE_PHASE_OFF -> "off";
            case NODE_PHASE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }
}
