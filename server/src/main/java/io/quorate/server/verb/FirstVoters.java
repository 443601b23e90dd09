package io.quorate.server.verb;

import io.quorate.client.manifest.ClusterFile;
import io.quorate.log.v1.VoterRow;
import io.quorate.server.config.ConfigException;
import io.quorate.server.raft.MemberIdentity;
import io.quorate.statemachine.model.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A cluster that is about to begin.
 *
 * @param cluster its name
 * @param clusterId the same on each host
 * @param node this host's
 * @param addresses of all first voters, by node; this one included
 */
record FirstVoters(String cluster, String clusterId, String node, Map<String, VoterAddresses> addresses) {
    FirstVoters {
        requireName("--cluster", cluster);
        requireName("--node", node);
        addresses.keySet().forEach(name -> requireName("--voters", name));
    }

    private static void requireName(String option, String name) {
        if (!Limits.isName(name)) {
            throw new ConfigException(option + ": '" + name + "' is not a name: use letters, digits, dots and dashes");
        }
    }

    /**
     * What a file says of this host and the others.
     *
     * @param node empty: the member that has an address of this host
     */
    static FirstVoters of(ClusterFile said, String file, Optional<String> node) throws IOException {
        Map<String, VoterAddresses> addresses = new TreeMap<>();
        for (Map.Entry<String, ClusterFile.Member> member : said.members().entrySet()) {
            try {
                addresses.put(
                        member.getKey(), VoterAddresses.parse(member.getValue().address()));
            } catch (ConfigException e) {
                throw new ConfigException(member.getValue().at() + ": " + e.getMessage());
            }
        }
        String own = node.isPresent() ? node.get() : thisHost(addresses, file);
        if (!addresses.containsKey(own)) {
            throw new ConfigException(file + " has no member " + own + "; its members are "
                    + String.join(", ", said.members().keySet()));
        }
        return new FirstVoters(said.cluster(), said.clusterId(), own, addresses);
    }

    private static String thisHost(Map<String, VoterAddresses> addresses, String file) throws IOException {
        List<String> here = new ArrayList<>();
        for (Map.Entry<String, VoterAddresses> member : addresses.entrySet()) {
            if (NetworkInterface.getByInetAddress(
                            InetAddress.getByName(member.getValue().host()))
                    != null) {
                here.add(member.getKey());
            }
        }
        if (here.size() != 1) {
            String found = here.isEmpty() ? "no member" : "the members " + String.join(", ", here);
            throw new ConfigException(
                    file + ": this host has the address of " + found + "; say which one it is with --node NAME");
        }
        return here.get(0);
    }

    VoterAddresses own() {
        return VoterAddresses.own(addresses, node);
    }

    String memberId() {
        return VoterAddresses.staticMemberId(clusterId, node);
    }

    List<VoterRow> rows() {
        List<VoterRow> rows = new ArrayList<>();
        addresses.forEach((name, where) -> rows.add(where.row(VoterAddresses.staticMemberId(clusterId, name), name)));
        return rows;
    }

    /** Whether a formatted directory is this host's of this cluster, whatever became of the cluster's members since. */
    boolean isOneOf(MemberIdentity identity) {
        return identity.clusterId().equals(clusterId)
                && identity.self().map(VoterRow::getName).filter(node::equals).isPresent();
    }
}
