package io.quorate.server.agent.exec;

import io.quorate.agent.v1.CloneContext;
import io.quorate.agent.v1.CloneContext.Peer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a clone's copies are told with {@code notify}, and along with each operation: who runs, and what is done to whom. The
 * lists are as things were before the step that is told of. An empty list is one blank, as agents expect.
 */
public final class NotifyVariables {
    private NotifyVariables() {}

    /** What copies of a clone are told of. */
    public enum Step {
        START,
        STOP,
        PROMOTE,
        DEMOTE;

        public String action() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        boolean isDone(Outcome outcome) {
            return switch (outcome.finding()) {
                case RUNNING, DEGRADED -> this == START || this == PROMOTE;
                case NOT_RUNNING -> this == STOP || this == DEMOTE;
                case FAILED -> false;
            };
        }
    }

    /** The same lists outside of a notification; empty for clones whose copies are not told. */
    public static Map<String, String> lists(CloneContext clone, String resource, Step step, Set<String> affected) {
        Map<String, String> variables = new TreeMap<>();
        if (!clone.getNotify()) {
            return variables;
        }
        Predicate<Peer> starting = doing(Step.START, step, affected, Peer::getStarting);
        Predicate<Peer> stopping = doing(Step.STOP, step, affected, Peer::getStopping);
        Predicate<Peer> promoting = doing(Step.PROMOTE, step, affected, Peer::getPromoting);
        Predicate<Peer> demoting = doing(Step.DEMOTE, step, affected, Peer::getDemoting);
        Predicate<Peer> promoted = peer -> peer.getActive() && peer.getPromoted();
        Predicate<Peer> unpromoted = peer -> peer.getActive() && !peer.getPromoted();
        put(variables, clone, resource, "start", starting);
        put(variables, clone, resource, "stop", stopping);
        put(variables, clone, resource, "active", Peer::getActive);
        put(variables, clone, resource, "inactive", peer -> !peer.getActive());
        if (clone.getPromotable()) {
            put(variables, clone, resource, "promote", promoting);
            put(variables, clone, resource, "demote", demoting);
            put(variables, clone, resource, "promoted", promoted);
            put(variables, clone, resource, "master", promoted);
            put(variables, clone, resource, "unpromoted", unpromoted);
            put(variables, clone, resource, "slave", unpromoted);
        }
        variables.put("notify_available_uname", nodes(clone, peer -> true));
        variables.put("notify_all_uname", nodes(clone, peer -> true));
        return variables;
    }

    /** A notification: {@code type} is "pre" or "post". */
    public static Map<String, String> notification(
            CloneContext clone, String resource, String type, Step step, Set<String> affected) {
        Map<String, String> variables = lists(clone, resource, step, affected);
        variables.put("notify_type", type);
        variables.put("notify_operation", step.action());
        return variables;
    }

    private static Predicate<Peer> doing(Step which, Step step, Set<String> affected, Predicate<Peer> planned) {
        return peer -> planned.test(peer) || (which == step && affected.contains(peer.getInstance()));
    }

    private static void put(
            Map<String, String> variables, CloneContext clone, String resource, String list, Predicate<Peer> members) {
        String names = clone.getPeersList().stream()
                .filter(members)
                .map(peer -> name(clone, resource, peer))
                .collect(Collectors.joining(" "));
        variables.put("notify_" + list + "_resource", orBlank(names));
        variables.put("notify_" + list + "_uname", nodes(clone, members));
    }

    private static String nodes(CloneContext clone, Predicate<Peer> members) {
        return orBlank(clone.getPeersList().stream()
                .filter(members)
                .map(Peer::getNode)
                .filter(node -> !node.isEmpty())
                .collect(Collectors.joining(" ")));
    }

    private static String name(CloneContext clone, String resource, Peer peer) {
        String number = peer.getInstance().substring(peer.getInstance().lastIndexOf(':') + 1);
        return clone.getGloballyUnique() ? resource + ":" + number : resource;
    }

    private static String orBlank(String list) {
        return list.isEmpty() ? " " : list;
    }
}
