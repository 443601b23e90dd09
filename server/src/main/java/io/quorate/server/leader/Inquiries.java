package io.quorate.server.leader;

import io.quorate.agent.v1.FenceCheckOrder;
import io.quorate.agent.v1.FenceCheckReply;
import io.quorate.agent.v1.LogReply;
import io.quorate.agent.v1.LogRequest;
import io.quorate.agent.v1.ReachOrder;
import io.quorate.agent.v1.ReachReply;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.log.v1.NodeRow;
import io.quorate.log.v1.ObjectRow;
import io.quorate.server.raft.UnavailableException;
import io.quorate.statemachine.model.ClusterState;
import io.quorate.statemachine.model.FencePaths;
import io.quorate.statemachine.model.Keys;
import io.quorate.statemachine.model.Settings;
import io.quorate.v1.FencePathResult;
import io.quorate.v1.NodePhase;
import io.quorate.v1.OperationResult;
import io.quorate.v1.SignOfLife;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Questions of people that only agents can answer: outputs, fence paths, signs of life. Each is an order in the work of
 * the nodes asked and ends with their answers, or with "no answer" after its time. Nothing of it is replicated.
 */
final class Inquiries {

    /** Questions under way at once; more are turned away (I14). */
    private static final int MAX_OPEN = 1_000;

    /** When every path of the cluster is checked, each is tried from so many nodes; one node's paths from all others. */
    private static final int EXECUTORS_OF_ALL = 3;

    private static final long ANSWER_MILLIS = 3_000;
    private static final long REPORT_MARGIN_MILLIS = 2_000;

    /** One order to one node. The answer's type is fixed by the order's kind. */
    private static final class Question {
        private final String node;
        private final Consumer<StreamWorkResponse.Builder> order;
        private final Consumer<@Nullable Object> answered;
        private final EventQueue.Timer timeout;

        private Question(
                String node,
                Consumer<StreamWorkResponse.Builder> order,
                Consumer<@Nullable Object> answered,
                EventQueue.Timer timeout) {
            this.node = node;
            this.order = order;
            this.answered = answered;
            this.timeout = timeout;
        }
    }

    private final TermContext context;
    private final HeartbeatTable heartbeats;
    private final Map<String, Question> open = new TreeMap<>();
    private final List<CompletableFuture<?>> futures = new ArrayList<>();
    private Consumer<String> touch = node -> {};
    private Predicate<String> connected = node -> true;
    private long nextId;

    Inquiries(TermContext context, HeartbeatTable heartbeats) {
        this.context = context;
        this.heartbeats = heartbeats;
    }

    /** Connects it with the publisher, which in turn takes its orders. */
    void connect(Consumer<String> touchNode, Predicate<String> isConnected) {
        touch = touchNode;
        connected = isConnected;
    }

    /** Adds what a node is asked to its work. */
    void addOrders(NodeRow node, StreamWorkResponse.Builder work) {
        for (Question question : open.values()) {
            if (question.node.equals(node.getName())) {
                question.order.accept(work);
            }
        }
    }

    void logs(String node, String resource, String operation, CompletableFuture<List<OperationResult>> answer) {
        String id = newId();
        LogRequest order = LogRequest.newBuilder()
                .setId(id)
                .setResource(resource)
                .setOperation(operation)
                .build();
        if (!admitted(1, answer)) {
            return;
        }
        ask(
                id,
                node,
                ANSWER_MILLIS,
                work -> work.addLogRequests(order),
                reply -> answer.complete(reply instanceof LogReply log ? log.getResultsList() : List.of()));
    }

    void checkFencing(@Nullable String target, CompletableFuture<List<FencePathResult>> answer) {
        ClusterState state = context.state();
        List<Path> paths = new ArrayList<>();
        for (NodeRow node : state.nodes().values()) {
            if (target == null || target.equals(node.getName())) {
                List<String> executors = reachable(node.getName()).stream()
                        .limit(target == null ? EXECUTORS_OF_ALL : Long.MAX_VALUE)
                        .toList();
                for (List<String> level : FencePaths.levels(state, node.getName())) {
                    level.forEach(device -> paths.add(new Path(node.getName(), device, executors)));
                }
            }
        }
        if (!admitted(paths.stream().mapToInt(path -> path.executors.size()).sum(), answer)) {
            return;
        }
        Gathering<FencePathResult> gathering = new Gathering<>(answer);
        paths.forEach(path -> checkPath(state, path, gathering));
        gathering.allAsked();
    }

    private record Path(String target, String device, List<String> executors) {}

    private void checkPath(ClusterState state, Path path, Gathering<FencePathResult> gathering) {
        String target = path.target;
        String device = path.device;
        List<String> executors = path.executors;
        if (executors.isEmpty()) {
            gathering.found(FencePathResult.newBuilder()
                    .setNode(target)
                    .setDevice(device)
                    .setPower("unknown")
                    .setMessage("no other node is up to try it from")
                    .build());
        }
        ObjectRow row = state.object(Keys.FENCE_DEVICES + device);
        long timeoutMillis = row != null && row.getFenceDevice().hasTimeout()
                ? Settings.millis(row.getFenceDevice().getTimeout())
                : state.settings().fenceAttemptTimeoutMillis();
        for (String executor : executors) {
            String id = newId();
            FenceCheckOrder order = FenceCheckOrder.newBuilder()
                    .setId(id)
                    .setTargetNode(target)
                    .setDevice(WorkSets.deviceCall(state, device, target))
                    .setTimeout(Settings.duration(timeoutMillis))
                    .build();
            gathering.asked();
            ask(
                    id,
                    executor,
                    timeoutMillis,
                    work -> work.addFenceChecks(order),
                    reply -> gathering.answered(pathResult(target, device, executor, reply)));
        }
    }

    private static FencePathResult pathResult(String target, String device, String executor, @Nullable Object reply) {
        FencePathResult.Builder result =
                FencePathResult.newBuilder().setNode(target).setDevice(device).setExecutor(executor);
        return reply instanceof FenceCheckReply check
                ? result.setOk(check.getOk())
                        .setPower(check.getPower())
                        .setMessage(check.getMessage())
                        .setTook(check.getTook())
                        .build()
                : result.setPower("unknown")
                        .setMessage("no answer from " + executor)
                        .build();
    }

    void probeNode(String target, CompletableFuture<List<SignOfLife>> answer) {
        List<String> others = reachable(target);
        if (!admitted(others.size(), answer)) {
            return;
        }
        Gathering<SignOfLife> gathering = new Gathering<>(answer);
        NodeRow row = context.state().node(target);
        gathering.found(heard(target));
        for (String from : others) {
            String id = newId();
            ReachOrder order = ReachOrder.newBuilder()
                    .setId(id)
                    .setTargetNode(target)
                    .addAllAddresses(row == null ? List.of() : row.getAddressesList())
                    .build();
            gathering.asked();
            ask(
                    id,
                    from,
                    ANSWER_MILLIS,
                    work -> work.addReachOrders(order),
                    reply -> gathering.answered(sign(from, reply)));
        }
        gathering.allAsked();
    }

    private SignOfLife heard(String target) {
        Duration age = heartbeats.ages(context.nowNanos()).get(target);
        boolean spoke =
                heartbeats.contact(target).filter(HeartbeatTable.Contact::spoke).isPresent();
        boolean recent =
                spoke && age != null && age.toMillis() <= context.settings().suspectAfterMillis();
        return SignOfLife.newBuilder()
                .setFrom(context.raft().memberId())
                .setAnswered(recent)
                .setDetail(
                        spoke && age != null
                                ? "its agent was last heard " + age.toMillis() + " ms ago"
                                : "its agent was not heard by this leader")
                .build();
    }

    private static SignOfLife sign(String from, @Nullable Object reply) {
        SignOfLife.Builder sign = SignOfLife.newBuilder().setFrom(from);
        return reply instanceof ReachReply reach
                ? sign.setAnswered(reach.getAnswered())
                        .setDetail(reach.getDetail())
                        .build()
                : sign.setDetail("no answer from " + from).build();
    }

    /** Nodes that can be asked about another one. */
    private List<String> reachable(String target) {
        List<String> names = new ArrayList<>();
        for (NodeRow node : context.state().nodes().values()) {
            if (!node.getName().equals(target)
                    && node.getPhase() == NodePhase.NODE_PHASE_UP
                    && connected.test(node.getName())) {
                names.add(node.getName());
            }
        }
        return names;
    }

    /** An agent has answered. */
    void logReply(LogReply reply) {
        answered(reply.getId(), reply);
    }

    /** An agent has answered. */
    void fenceCheckReply(FenceCheckReply reply) {
        answered(reply.getId(), reply);
    }

    /** An agent has answered. */
    void reachReply(ReachReply reply) {
        answered(reply.getId(), reply);
    }

    /** The term is over. */
    void end(Throwable why) {
        open.clear();
        List<CompletableFuture<?>> left = List.copyOf(futures);
        futures.clear();
        left.forEach(future -> future.completeExceptionally(why));
    }

    /** Whether there is room for so many questions more; if not, who asked them is told. */
    private boolean admitted(int questions, CompletableFuture<?> answer) {
        if (open.size() + questions > MAX_OPEN) {
            answer.completeExceptionally(new UnavailableException(
                    "too many questions to agents at once; ask again, about one node if it was about all"));
            return false;
        }
        futures.removeIf(CompletableFuture::isDone);
        futures.add(answer);
        return true;
    }

    private String newId() {
        nextId++;
        return "ask-" + context.distinct(nextId);
    }

    private void ask(
            String id,
            String node,
            long timeoutMillis,
            Consumer<StreamWorkResponse.Builder> order,
            Consumer<@Nullable Object> answered) {
        if (!connected.test(node)) {
            answered.accept(null);
            return;
        }
        EventQueue.Timer timeout =
                context.after(timeoutMillis + REPORT_MARGIN_MILLIS, "inquiry-timeout", late -> answered(id, null));
        open.put(id, new Question(node, order, answered, timeout));
        touch.accept(node);
    }

    private void answered(String id, @Nullable Object reply) {
        Question question = open.remove(id);
        if (question != null) {
            question.timeout.cancel();
            touch.accept(question.node);
            question.answered.accept(reply);
        }
    }

    /** Collects answers and completes when everybody asked has answered. */
    private static final class Gathering<T> {
        private final CompletableFuture<List<T>> answer;
        private final List<T> results = new ArrayList<>();
        private int open = 1;

        private Gathering(CompletableFuture<List<T>> answer) {
            this.answer = answer;
        }

        private void asked() {
            open++;
        }

        private void found(T result) {
            results.add(result);
        }

        private void answered(T result) {
            results.add(result);
            allAsked();
        }

        private void allAsked() {
            open--;
            if (open == 0) {
                answer.complete(List.copyOf(results));
            }
        }
    }
}
