package io.quorate.client.cli.verb;

import io.quorate.client.QuorateClient;
import io.quorate.client.cli.text.Tables;
import io.quorate.v1.GetNodeRequest;
import io.quorate.v1.Node;
import io.quorate.v1.NodeServiceGrpc;

/** What a person must see before something dangerous is done to a node. */
final class NodeFacts {
    private NodeFacts() {}

    static Node get(QuorateClient client, String node) {
        return client.read(
                        NodeServiceGrpc.getGetNodeMethod(),
                        GetNodeRequest.newBuilder().setName(node).build())
                .getNode();
    }

    /** A line with phase, incarnation and what it owns. */
    static String of(QuorateClient client, String node) {
        return describe(get(client, node));
    }

    static String describe(Node node) {
        String owns = node.getOwnedCount() == 0 ? "nothing" : String.join(", ", node.getOwnedList());
        String paths = node.getFencePathsCount() == 0 ? "none" : String.join(", ", node.getFencePathsList());
        return node.getMeta().getName() + " is " + Tables.nodeState(node) + " (incarnation " + node.getIncarnation()
                + "), owns: " + owns + ", fence paths: " + paths + "\n";
    }
}
