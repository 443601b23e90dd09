package io.quorate.server.agent.exec;

import io.quorate.v1.ResourceSpec;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One member of one instance, as an executor needs it.
 *
 * @param token the fencing token that it runs under; 0 for a probe of something that we never started
 * @param process the main process of a supervised command that an earlier start left, if any
 * @param started told about each process that an operation starts, so that the next agent can find it
 */
public record Task(
        String instance,
        String resource,
        ResourceSpec spec,
        long token,
        Optional<ProcessIdentity> process,
        Consumer<ProcessIdentity> started) {

    public static Task of(String instance, String resource, ResourceSpec spec, long token) {
        return new Task(instance, resource, spec, token, Optional.empty(), process -> {});
    }

    public Task withProcess(Optional<ProcessIdentity> main) {
        return new Task(instance, resource, spec, token, main, started);
    }

    public Task tellingStarts(Consumer<ProcessIdentity> listener) {
        return new Task(instance, resource, spec, token, process, listener);
    }
}
