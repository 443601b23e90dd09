package io.quorate.bench;

import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.policy.DefaultPolicy;
import io.quorate.statemachine.policy.Plan;
import io.quorate.statemachine.policy.Policy;
import io.quorate.statemachine.policy.PolicyInput;
import io.quorate.v1.RunState;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How long a leader takes to decide: everything, when a node has just been fenced, and one step on a cluster at rest, when a
 * monitor failed and when what failed runs again.
 */
final class PolicyBench {
    private static final double WARM_UP_SECONDS = 4;
    private static final int WHOLE_DECISIONS = 11;
    private static final int EVENTS = 201;
    private static final long SEED = 2;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final MadeCluster cluster;
    private final ClusterState calm;

    PolicyBench(MadeCluster cluster) {
        this.cluster = cluster;
        this.calm = MadeState.of(cluster);
    }

    /** A look at the state after a fence by somebody who knows nothing of the one before; the median. */
    MeasuredProcess whole() {
        ClusterState fenced = MadeState.withoutNode(calm, cluster.nodes - 1);
        Policy policy = new DefaultPolicy();
        long since = System.nanoTime();
        while (System.nanoTime() - since < WARM_UP_SECONDS * 1e9) {
            Plan unused = policy.plan(PolicyInput.of(fenced));
        }
        List<MeasuredProcess> took = new ArrayList<>();
        while (took.size() < WHOLE_DECISIONS) {
            took.add(measure(policy, fenced));
        }
        return median(took);
    }

    /** One look after another at a cluster in which one thing happens at a time; the median. */
    MeasuredProcess event() {
        Random random = new Random(SEED);
        List<String> singles = MadeState.singles(cluster);
        Policy policy = new DefaultPolicy().remembering();
        ClusterState state = calm;
        Plan first = policy.plan(PolicyInput.of(state));
        if (!first.decisions().isEmpty()) {
            throw new IllegalStateException("the made-up cluster is not at rest: " + first.decisions());
        }
        List<MeasuredProcess> took = new ArrayList<>();
        long since = System.nanoTime();
        while (took.size() < EVENTS) {
            String unit = singles.get(random.nextInt(singles.size()));
            for (RunState member : List.of(RunState.RUN_STATE_FAILED, RunState.RUN_STATE_RUNNING)) {
                state = MadeState.reported(state, unit, member);
                MeasuredProcess look = measure(policy, state);
                if (System.nanoTime() - since > WARM_UP_SECONDS * 1e9) {
                    took.add(look);
                }
            }
        }
        return median(took);
    }

    private MeasuredProcess measure(Policy policy, ClusterState state) {
        long cpu = threads.getCurrentThreadCpuTime();
        long wall = System.nanoTime();
        Plan unused = policy.plan(PolicyInput.of(state));
        return new MeasuredProcess(
                (threads.getCurrentThreadCpuTime() - cpu) / 1e9,
                (System.nanoTime() - wall) / 1e9,
                MachineLoad.mostResidentMiB(ProcessHandle.current().pid()));
    }

    private static MeasuredProcess median(List<MeasuredProcess> took) {
        return took.stream()
                .sorted((one, other) -> Double.compare(one.cpuSeconds(), other.cpuSeconds()))
                .toList()
                .get(took.size() / 2);
    }
}
