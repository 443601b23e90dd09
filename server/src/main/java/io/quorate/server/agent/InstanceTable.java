package io.quorate.server.agent;

import io.quorate.agent.v1.StoredAgent;
import io.quorate.agent.v1.StoredInstance;
import io.quorate.agent.v1.StoredMember;
import io.quorate.agent.v1.StoredMember.Phase;
import io.quorate.agent.v1.StoredProcess;
import io.quorate.server.agent.exec.ClonePart;
import io.quorate.server.agent.exec.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What this node started and under which tokens, in memory and on disk. Every change that a successor must know of is durable
 * when the method returns. On the loop's thread only.
 */
final class InstanceTable {
    /** What a look adds nothing to: it was stopped, or what runs of it here is for a stop or migrate_from to find out. */
    private static final Set<Phase> KEPT = Set.of(Phase.PHASE_STOPPED, Phase.PHASE_SENT, Phase.PHASE_AWAITED);

    private final AgentStore store;
    private final SortedMap<String, InstanceState> instances = new TreeMap<>();
    private final SortedMap<String, Long> stoppedTokens = new TreeMap<>();
    private final Set<String> held = new HashSet<>();
    private StoredAgent head;

    /** Takes what an earlier process left; its members are unknown until they are looked at. */
    InstanceTable(AgentStore store, StoredAgent stored, String bootId) {
        this.store = store;
        boolean sameBoot = stored.getBootId().equals(bootId);
        this.head = stored.toBuilder()
                .setBootId(bootId)
                .clearInstances()
                .clearStoppedTokens()
                .build();
        stoppedTokens.putAll(stored.getStoppedTokensMap());
        for (StoredInstance instance : stored.getInstancesList()) {
            List<MemberState> members = instance.getMembersList().stream()
                    .map(member -> load(member, sameBoot))
                    .toList();
            instances.put(
                    instance.getInstance(),
                    new InstanceState(
                            instance.getInstance(),
                            instance.getToken(),
                            instance.getKeepWithoutContact(),
                            instance.getExclusive(),
                            members,
                            false,
                            false,
                            new ClonePart(instance.getClone(), instance.getCopy()),
                            instance.getArrivesFrom()));
        }
    }

    private static MemberState load(StoredMember stored, boolean sameBoot) {
        return new MemberState(
                stored.getResource(),
                stored.getSpec(),
                stored.getDefinitionDigest(),
                sameBoot && KEPT.contains(stored.getPhase()) ? stored.getPhase() : Phase.PHASE_UNKNOWN,
                // After a boot nothing of before runs: finding it stopped is no failure.
                sameBoot ? stored.getPhase() : Phase.PHASE_UNKNOWN,
                false,
                stored.getRecoverRevision(),
                stored.getDepartureTokenNumber(),
                sameBoot && stored.hasMain() ? Optional.of(process(stored.getMain())) : Optional.empty(),
                sameBoot && stored.hasOperation() ? Optional.of(process(stored.getOperation())) : Optional.empty(),
                0,
                Optional.empty(),
                0,
                0);
    }

    SortedMap<String, InstanceState> all() {
        return Collections.unmodifiableSortedMap(instances);
    }

    Map<String, Long> stoppedTokens() {
        return Collections.unmodifiableMap(stoppedTokens);
    }

    StoredAgent head() {
        return head;
    }

    Optional<InstanceState> get(String instance) {
        return Optional.ofNullable(instances.get(instance));
    }

    /** The promotion of a copy that this node has a record of; one that ended only while there is no other. */
    Optional<InstanceState> promotionOf(String copy) {
        return instances.values().stream()
                .filter(state -> state.part().copy().equals(copy))
                .max(Comparator.comparing(InstanceState::mayRun));
    }

    /** Copies and promotions of a clone that this node has a record of. */
    List<InstanceState> partsOf(String clone) {
        return instances.values().stream()
                .filter(state ->
                        !clone.isEmpty() && state.part().context().getClone().equals(clone))
                .toList();
    }

    List<InstanceState> copiesOf(String clone) {
        return partsOf(clone).stream().filter(state -> state.part().isCopy()).toList();
    }

    /** True while an operation on this service is under way, be it through another instance. */
    boolean busy(String service) {
        return held.contains(service)
                || instances.values().stream()
                        .anyMatch(state -> state.busy() && state.service().equals(service));
    }

    /** Keeps a service busy that may have no record here. */
    void hold(String service) {
        held.add(service);
    }

    void letGo(String service) {
        held.remove(service);
    }

    /** Changes the common part (names, incarnation) and saves. */
    void changeHead(UnaryOperator<StoredAgent.Builder> change) {
        head = change.apply(head.toBuilder()).build();
        save();
    }

    void put(InstanceState state) {
        instances.put(state.instance(), state);
        save();
    }

    /** Changes what only this process needs: health, counters, retry times. */
    void putUnsaved(InstanceState state) {
        instances.put(state.instance(), state);
    }

    void remove(String instance) {
        instances.remove(instance);
        save();
    }

    /** Tombstone: this token and every earlier one of the instance is never started here again. */
    void bury(String instance, long tokenNumber) {
        if (stoppedTokens.getOrDefault(instance, 0L) < tokenNumber) {
            stoppedTokens.put(instance, tokenNumber);
            save();
        }
    }

    private void save() {
        StoredAgent.Builder whole = head.toBuilder().putAllStoppedTokens(stoppedTokens);
        for (InstanceState instance : instances.values()) {
            whole.addInstances(stored(instance));
        }
        try {
            store.save(whole.build());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot save the agent's state", e);
        }
    }

    private static StoredInstance stored(InstanceState instance) {
        List<StoredMember> members = new ArrayList<>();
        for (MemberState member : instance.members()) {
            StoredMember.Builder builder = StoredMember.newBuilder()
                    .setResource(member.resource())
                    .setSpec(member.spec())
                    .setDefinitionDigest(member.digest())
                    .setRecoverRevision(member.recoverRevision())
                    .setDepartureTokenNumber(member.departure())
                    // A member that was not looked at yet is still what it was before.
                    .setPhase(member.phase() == Phase.PHASE_UNKNOWN ? member.before() : member.phase());
            member.main().ifPresent(process -> builder.setMain(stored(process)));
            member.operation().ifPresent(process -> builder.setOperation(stored(process)));
            members.add(builder.build());
        }
        return StoredInstance.newBuilder()
                .setInstance(instance.instance())
                .setToken(instance.token())
                .setKeepWithoutContact(instance.keepWithoutContact())
                .setExclusive(instance.exclusive())
                .addAllMembers(members)
                .setClone(instance.part().context())
                .setCopy(instance.part().copy())
                .setArrivesFrom(instance.arrivesFrom())
                .build();
    }

    private static StoredProcess stored(ProcessIdentity process) {
        return StoredProcess.newBuilder()
                .setPid(process.pid())
                .setStartTicks(process.startTicks())
                .build();
    }

    private static ProcessIdentity process(StoredProcess process) {
        return new ProcessIdentity(process.getPid(), process.getStartTicks());
    }
}
