package io.quorate.server.agent.exec;

import io.quorate.v1.ResourceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One member of one instance, as an executor needs it.
 *
 * @param token the fencing token that it runs under; 0 for a probe of something that we never started
 * @param process the main process of a supervised command that an earlier start left, if any
 * @param started told about each process that an operation starts, so that the next agent can find it
 * @param part what the instance is in its clone
 * @param notice variables that tell a resource agent what happens to copies of its clone, without their common prefix
 */
public record Task(
        String instance,
        String resource,
        ResourceSpec spec,
        long token,
        Optional<ProcessIdentity> process,
        Consumer<ProcessIdentity> started,
        ClonePart part,
        Map<String, String> notice) {

    public Task {
        notice = Map.copyOf(notice);
    }

    public static Task of(String instance, String resource, ResourceSpec spec, long token) {
        return new Task(instance, resource, spec, token, Optional.empty(), process -> {}, ClonePart.NONE, Map.of());
    }

    public Task withProcess(Optional<ProcessIdentity> main) {
        return new Task(instance, resource, spec, token, main, started, part, notice);
    }

    public Task tellingStarts(Consumer<ProcessIdentity> listener) {
        return new Task(instance, resource, spec, token, process, listener, part, notice);
    }

    public Task in(ClonePart role) {
        return new Task(instance, resource, spec, token, process, started, role, notice);
    }

    public Task noticing(Map<String, String> variables) {
        return new Task(instance, resource, spec, token, process, started, part, variables);
    }

    /** The instance whose cells its processes are in. */
    public String home() {
        return part.home(instance);
    }

    public boolean isPromotion() {
        return part.isPromotion();
    }
}
