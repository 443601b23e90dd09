package io.quorate.server.agent;

import io.quorate.agent.v1.CheckTicketRequest;
import io.quorate.agent.v1.FenceCheckOrder;
import io.quorate.agent.v1.FenceOrder;
import io.quorate.agent.v1.FenceReport;
import io.quorate.agent.v1.LogReply;
import io.quorate.agent.v1.LogRequest;
import io.quorate.agent.v1.ReachOrder;
import io.quorate.agent.v1.ReachReply;
import io.quorate.agent.v1.StreamWorkResponse;
import io.quorate.server.agent.fence.FenceRunner;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the leader orders beside resources: fencing, checks of fence devices, looks at addresses, old output. Each
 * order is done once; orders stand in every set of work until they are answered. On the loop's thread only.
 */
final class OrderDesk {
    private static final Logger LOG = LoggerFactory.getLogger(OrderDesk.class);
    private static final int REACH_TIMEOUT_MILLIS = 700;

    private final EventLoop loop;
    private final AgentThreads threads;
    private final NodeLink link;
    private final FenceRunner fence;
    private final LogRing logs;
    private final Reporter reporter;
    private final String node;
    private Set<String> taken = new HashSet<>();

    OrderDesk(
            EventLoop loop,
            AgentThreads threads,
            NodeLink link,
            FenceRunner fence,
            LogRing logs,
            Reporter reporter,
            String node) {
        this.loop = loop;
        this.threads = threads;
        this.link = link;
        this.fence = fence;
        this.logs = logs;
        this.reporter = reporter;
        this.node = node;
    }

    /** Takes up the orders of this set that were not taken before, and forgets those that are gone. */
    void take(StreamWorkResponse work) {
        Set<String> standing = new TreeSet<>();
        for (FenceOrder order : work.getFenceOrdersList()) {
            once(standing, key(order), () -> fence(order));
        }
        for (FenceCheckOrder order : work.getFenceChecksList()) {
            once(standing, "check " + order.getId(), () -> check(order));
        }
        for (ReachOrder order : work.getReachOrdersList()) {
            once(standing, "reach " + order.getId(), () -> reach(order));
        }
        for (LogRequest order : work.getLogRequestsList()) {
            once(standing, "logs " + order.getId(), () -> logs(order));
        }
        taken = standing;
    }

    /** Another leader may give an attempt of its own the number of one that was dropped here. */
    private static String key(FenceOrder order) {
        return "fence " + order.getTicket() + " " + order.getTerm() + " " + order.getAttempt();
    }

    private void once(Set<String> standing, String key, Runnable work) {
        standing.add(key);
        if (!taken.contains(key)) {
            threads.orders().execute(() -> guarded(key, work));
        }
    }

    private void guarded(String key, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.error("order '{}' failed", key, e);
            loop.post(() -> taken.remove(key));
        } catch (Error e) {
            // The thread would end without a word, and the order with it.
            loop.defect(e);
        }
    }

    /** TicketFresh: a confirmed leader is asked again just before anything is switched. */
    private void fence(FenceOrder order) {
        CheckTicketRequest question = CheckTicketRequest.newBuilder()
                .setNode(node)
                .setTicket(order.getTicket())
                .build();
        try {
            if (!threads.await(link.checkTicket(question)).getOpen()) {
                LOG.info(
                        "fence of {} dropped: ticket {} is not open any more",
                        order.getTargetNode(),
                        order.getTicket());
                return;
            }
            LOG.warn(
                    "fencing {} by order {}, attempt {}", order.getTargetNode(), order.getTicket(), order.getAttempt());
            FenceReport report = FenceReport.newBuilder()
                    .setTicket(order.getTicket())
                    .setAttempt(order.getAttempt())
                    .addAllDevices(fence.off(order))
                    .build();
            loop.post(() -> reporter.fenced(report));
        } catch (ExecutionException unanswered) {
            // The order stands; with a leader that answers it is taken up again.
            LOG.info("fence of {} waits: no leader answered for ticket {}", order.getTargetNode(), order.getTicket());
            loop.post(() -> taken.remove(key(order)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(FenceCheckOrder order) {
        try {
            var reply = fence.check(order);
            loop.post(() -> reporter.checked(reply));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reach(ReachOrder order) {
        Optional<String> sign = order.getAddressesList().stream()
                .map(OrderDesk::signOfLife)
                .flatMap(Optional::stream)
                .findFirst();
        ReachReply reply = ReachReply.newBuilder()
                .setId(order.getId())
                .setAnswered(sign.isPresent())
                .setDetail(sign.orElse("no answer"))
                .build();
        loop.post(() -> reporter.reached(reply));
    }

    /** A refused connection is a sign of life as good as an accepted one: a kernel sent it. */
    private static Optional<String> signOfLife(String address) {
        int colon = address.lastIndexOf(':');
        boolean hasPort = colon > 0 && address.indexOf(':') == colon;
        try {
            if (!hasPort) {
                return InetAddress.getByName(address).isReachable(REACH_TIMEOUT_MILLIS)
                        ? Optional.of(address + " answered")
                        : Optional.empty();
            }
            int port = Integer.parseInt(address.substring(colon + 1));
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address.substring(0, colon), port), REACH_TIMEOUT_MILLIS);
                return Optional.of(address + " accepted a connection");
            } catch (ConnectException refused) {
                return String.valueOf(refused.getMessage()).contains("refused")
                        ? Optional.of(address + " refused a connection")
                        : Optional.empty();
            }
        } catch (IOException | NumberFormatException noAnswer) {
            return Optional.empty();
        }
    }

    private void logs(LogRequest order) {
        LogReply.Builder reply = LogReply.newBuilder().setId(order.getId());
        try {
            reply.addAllResults(logs.of(order.getResource(), order.getOperation()));
        } catch (IOException e) {
            LOG.warn("cannot read kept output of {}: {}", order.getResource(), e.getMessage());
        }
        LogReply built = reply.build();
        loop.post(() -> reporter.logs(built));
    }
}
