package io.quorate.statemachine.placement;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Which nodes count as the same place for a colocation. */
final class Sites {
    /** The node does not have the attribute: it is at no site. */
    static final int NONE = -1;

    private final int[] siteOf;
    /** No two nodes are the same place. */
    private final boolean eachItsOwn;

    /** @param siteOf the site's number by the node's; numbers are below that of nodes */
    Sites(int[] siteOf) {
        this.siteOf = siteOf;
        this.eachItsOwn = IntStream.range(0, siteOf.length).allMatch(node -> siteOf[node] == node);
    }

    boolean same(Node one, Node other) {
        int site = siteOf[one.index];
        return site != NONE && site == siteOf[other.index];
    }

    /** Whether these nodes are told apart by nothing that is known of them: the same site, or both at none. */
    boolean alike(Node one, Node other) {
        return siteOf[one.index] == siteOf[other.index];
    }

    /** The best score of any available node at the site of each node. */
    int[] best(int[] scores, Nodes nodes) {
        if (eachItsOwn) {
            int[] own = scores.clone();
            nodes.unavailable.forEach(node -> own[node.index] = -Score.INFINITY);
            return own;
        }
        int[] bySite = new int[siteOf.length];
        Arrays.fill(bySite, -Score.INFINITY);
        for (Node node : nodes.all) {
            int site = siteOf[node.index];
            if (node.available && site != NONE && scores[node.index] > bySite[site]) {
                bySite[site] = scores[node.index];
            }
        }
        int[] byNode = new int[siteOf.length];
        for (int i = 0; i < byNode.length; i++) {
            byNode[i] = siteOf[i] == NONE ? -Score.INFINITY : bySite[siteOf[i]];
        }
        return byNode;
    }
}
