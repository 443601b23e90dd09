package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.v1.FieldChange;
import io.quorate.v1.Manifest;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecDiffTest {
    private static final String VIP = "kind: Resource\nname: vip\ntype: ocf:heartbeat:IPaddr2\n";

    @Test
    void changesHaveThePathsThatPeopleWrite() throws Exception {
        assertThat(diff(
                        VIP + "params: {ip: 10.0.0.1, nic: eth0}\nplacement: {only: [n1]}\nmonitor: {interval: 10s}\n",
                        VIP + "params: {ip: 10.0.0.1, nic: eth1}\nplacement: {only: [n1, n2], prefer: {n1: 5}}\n"
                                + "operations: {monitor: {interval: 5s}, start: 60s}\nstopped: true\n"))
                .containsExactly(
                        "operations.monitor.interval: 10s -> 5s",
                        "operations.start.timeout:  -> 1m",
                        "params.nic: eth0 -> eth1 (restart)",
                        "placement.only: [n1] -> [n1, n2]",
                        "placement.prefer.n1:  -> 5",
                        "stopped:  -> true");
    }

    @Test
    void otherWordsForTheSameAreNoDifference() throws Exception {
        assertThat(
                        diff(
                                VIP + "monitor: {interval: 60s}\n",
                                "name: vip\nkind: Resource\noperations: [{name: monitor, interval: 1m}]\ntype: 'ocf:heartbeat:IPaddr2'\n"))
                .isEmpty();
    }

    @Test
    void twoMonitorsAreToldApartByTheirDepth() throws Exception {
        assertThat(
                        diff(
                                VIP
                                        + "operations: [{name: monitor, interval: 10s}, {name: monitor, depth: 10, interval: 60s}]\n",
                                VIP
                                        + "operations: [{name: monitor, interval: 10s}, {name: monitor, depth: 10, interval: 90s}]\n"))
                .containsExactly("operations.monitor[depth=10].interval: 1m -> 90s");
    }

    @Test
    void creationAndDeletionNameEveryFieldAndRestartNothing() throws Exception {
        Manifest vip = load(VIP + "params: {ip: 10.0.0.1}\n");

        assertThat(shown(SpecDiff.between(Manifest.getDefaultInstance(), vip)))
                .containsExactly("params.ip:  -> 10.0.0.1", "type:  -> ocf:heartbeat:IPaddr2");
        assertThat(shown(SpecDiff.between(vip, Manifest.getDefaultInstance())))
                .containsExactly("params.ip: 10.0.0.1 -> ", "type: ocf:heartbeat:IPaddr2 -> ");
    }

    private static List<String> diff(String before, String after) throws ManifestException {
        return shown(SpecDiff.between(load(before), load(after)));
    }

    private static Manifest load(String text) throws ManifestException {
        return ManifestLoader.loadText("x.yaml", text).get(0);
    }

    private static List<String> shown(List<FieldChange> changes) {
        return changes.stream()
                .map(c -> c.getPath() + ": " + c.getBefore() + " -> " + c.getAfter()
                        + (c.getCausesRestart() ? " (restart)" : ""))
                .toList();
    }
}
