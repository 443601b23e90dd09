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
 * @param permit asked right before a start, a promotion or a migration begins: what goes before may outlast the lease
 * @param part what the instance is in its clone
 * @param notice variables that tell a resource agent what happens, to copies of its clone or between which nodes it migrates;
 *     without their common prefix
 */
public record Task(
        String instance,
        String resource,
        ResourceSpec spec,
        long token,
        Optional<ProcessIdentity> process,
        Consumer<ProcessIdentity> started,
        Permit permit,
        ClonePart part,
        Map<String, String> notice) {

    /** Whether something may be begun now. */
    public interface Permit {
        boolean granted() throws InterruptedException;
    }

    public Task {
        notice = Map.copyOf(notice);
    }

    public static Task of(String instance, String resource, ResourceSpec spec, long token) {
        return new Task(
                instance, resource, spec, token, Optional.empty(), process -> {}, () -> true, ClonePart.NONE, Map.of());
    }

    public Task withProcess(Optional<ProcessIdentity> main) {
        return new Task(instance, resource, spec, token, main, started, permit, part, notice);
    }

    public Task tellingStarts(Consumer<ProcessIdentity> listener) {
        return new Task(instance, resource, spec, token, process, listener, permit, part, notice);
    }

    public Task permittedBy(Permit asked) {
        return new Task(instance, resource, spec, token, process, started, asked, part, notice);
    }

    public Task in(ClonePart role) {
        return new Task(instance, resource, spec, token, process, started, permit, role, notice);
    }

    public Task noticing(Map<String, String> variables) {
        return new Task(instance, resource, spec, token, process, started, permit, part, variables);
    }

    /** On its way between two nodes, under the names that resource agents know from Pacemaker. */
    public Task migrating(String from, String to) {
        return noticing(Map.of("migrate_source", from, "migrate_target", to));
    }

    /** The instance whose cells its processes are in. */
    public String home() {
        return part.home(instance);
    }

    public boolean isPromotion() {
        return part.isPromotion();
    }
}
