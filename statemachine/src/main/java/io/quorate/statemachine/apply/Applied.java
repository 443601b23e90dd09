package io.quorate.statemachine.apply;

import io.quorate.log.v1.CommandResult;
import io.quorate.statemachine.model.ClusterState;
import java.util.List;

/**
 * The outcome of one entry of the log.
 *
 * @param results one for each command, in order
 * @param commits one for each accepted command that was executed now, in order
 */
public record Applied(ClusterState state, List<CommandResult> results, List<Commit> commits) {
    public Applied {
        results = List.copyOf(results);
        commits = List.copyOf(commits);
    }
}
