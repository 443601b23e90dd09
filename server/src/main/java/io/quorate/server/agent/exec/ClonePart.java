package io.quorate.server.agent.exec;

import io.quorate.agent.v1.CloneContext;
import io.quorate.v1.Role;

/**
 * What an instance is in its clone: a copy, the promotion of a copy, or, outside clones, neither.
 *
 * @param context what the resource agent is told about the clone; the default instance outside clones
 * @param copy of a promotion the instance that it promotes, empty for all others
 */
public record ClonePart(CloneContext context, String copy) {
    public static final ClonePart NONE = new ClonePart(CloneContext.getDefaultInstance(), "");

    public boolean isCopy() {
        return !context.getClone().isEmpty() && copy.isEmpty();
    }

    public boolean isPromotion() {
        return !copy.isEmpty();
    }

    /** What it is while it runs. */
    public Role role() {
        return isPromotion() ? Role.ROLE_PROMOTED : context.getPromotable() ? Role.ROLE_UNPROMOTED : Role.ROLE_STARTED;
    }

    /** The instance whose processes these are: a promotion has none of its own. */
    public String home(String instance) {
        return isPromotion() ? copy : instance;
    }

    /**
     * What operations must not meet on (OneOp). A copy and its promotion are one service; all copies of a clone that is not
     * globally unique are the same service of this node, whatever their numbers.
     */
    public String service(String instance) {
        boolean anonymous = !context.getClone().isEmpty() && !context.getGloballyUnique();
        return anonymous ? "clones/" + context.getClone() : home(instance);
    }
}
