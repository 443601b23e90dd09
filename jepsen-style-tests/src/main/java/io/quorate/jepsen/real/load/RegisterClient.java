package io.quorate.jepsen.real.load;

import io.quorate.client.Category;
import io.quorate.client.Positions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.jepsen.check.RegisterCall;
import io.quorate.v1.GetNodeAttributeRequest;
import io.quorate.v1.GetNodeAttributeResponse;
import io.quorate.v1.MutationOptions;
import io.quorate.v1.NodeServiceGrpc;
import io.quorate.v1.Position;
import io.quorate.v1.ReadConsistency;
import io.quorate.v1.ReadOptions;
import io.quorate.v1.SetNodeAttributeRequest;
import io.quorate.v1.SetNodeAttributeResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One client of the registers, which are attributes of nodes: reads, writes, compares and sets, one call after the other. Each
 * value is written once. Confined to its thread.
 */
final class RegisterClient {
    private static final int READS = 30;
    private static final int WRITES = 25;
    private static final int SWAPS = 25;
    private static final int PERCENT = 100;
    /** How far back reads of the past go. */
    private static final int PAST_REVISIONS = 50;

    private final String name;
    private final Registers registers;
    private final QuorateClient client;
    private final Servers servers;
    private final SplittableRandom random;
    private final Map<String, Known> known = new HashMap<>();
    private int values;

    /** What it saw last of a register. */
    private record Known(long revision, String value) {}

    RegisterClient(String name, Registers registers, QuorateClient client, Servers servers, long seed) {
        this.name = name;
        this.registers = registers;
        this.client = client;
        this.servers = servers;
        this.random = new SplittableRandom(seed);
    }

    /** One call. */
    void step() {
        List<String> keys = registers.keys();
        String key = keys.get(random.nextInt(keys.size()));
        int dice = random.nextInt(PERCENT);
        if (dice < READS) {
            read(key);
        } else if (dice < READS + WRITES) {
            set(key, null);
        } else if (dice < READS + WRITES + SWAPS) {
            Known last = known.get(key);
            if (last == null) {
                read(key);
            } else {
                set(key, last);
            }
        } else {
            readElsewhere(key);
        }
    }

    /** Reads fresh; empty answers are recorded as no value. */
    boolean read(String key) {
        registers.history().invoke(name, "read", key, "");
        try {
            GetNodeAttributeResponse answer = get(client, key, ReadOptions.getDefaultInstance());
            registers.history().ok(name, "read", key, valueOf(answer));
            seen(key, answer, "fresh", 0);
            return true;
        } catch (QuorateException e) {
            registers.failed(e, "read");
            registers.history().notDone(name, "read", key);
            return false;
        }
    }

    /** Reads at any server what it has, or not older than what this client saw, or a state of the past. */
    private void readElsewhere(String key) {
        String server = servers.names().get(random.nextInt(servers.names().size()));
        Position newest = client.highestPosition();
        ReadOptions.Builder options = ReadOptions.newBuilder();
        String how;
        long wanted = 0;
        switch (random.nextInt(3)) {
            case 0 -> {
                how = "stale";
                options.setConsistency(ReadConsistency.READ_CONSISTENCY_STALE);
            }
            case 1 -> {
                how = "not before " + newest.getRevision();
                wanted = newest.getRevision();
                options.setConsistency(ReadConsistency.READ_CONSISTENCY_STALE).setNotBefore(newest);
            }
            default -> {
                wanted = Math.max(1, newest.getRevision() - random.nextInt(PAST_REVISIONS));
                how = "at " + wanted;
                options.setAt(Positions.of(newest.getGeneration(), wanted));
            }
        }
        if (newest.getRevision() == 0) {
            return;
        }
        try {
            seen(key, get(servers.only(server), key, options.build()), how + " at " + server, wanted);
            registers.counts().add("read elsewhere");
        } catch (QuorateException e) {
            registers.failed(e, how.startsWith("at") ? "read of the past" : "stale read");
        }
    }

    private static GetNodeAttributeResponse get(QuorateClient client, String key, ReadOptions options) {
        return client.read(
                NodeServiceGrpc.getGetNodeAttributeMethod(),
                GetNodeAttributeRequest.newBuilder()
                        .setRead(options)
                        .setNode(Registers.nodeOf(key))
                        .setName(key)
                        .build());
    }

    private void seen(String key, GetNodeAttributeResponse answer, String how, long wanted) {
        long served = answer.getHeader().getPosition().getRevision();
        registers.seen(name + " " + how, key, served, wanted, answer.getRevision(), valueOf(answer));
        known.put(key, new Known(answer.getRevision(), valueOf(answer)));
    }

    private static String valueOf(GetNodeAttributeResponse answer) {
        return answer.getRevision() == 0 ? RegisterCall.NIL : answer.getValue();
    }

    /** @param expected the value must still be that one; null: whatever it is */
    private void set(String key, @Nullable Known expected) {
        String value = name + "-" + values++;
        String function = expected == null ? "write" : "cas";
        String change = expected == null ? value : "[" + expected.value() + " " + value + "]";
        HistoryWriter history = registers.history();
        MutationOptions.Builder options = MutationOptions.newBuilder();
        if (expected != null) {
            options.putIfObjectRevision(Registers.objectOf(key), expected.revision());
        }
        long invokedNanos = registers.asked(value);
        history.invoke(name, function, key, change);
        try {
            SetNodeAttributeResponse answer = client.mutate(
                    NodeServiceGrpc.getSetNodeAttributeMethod(),
                    options.build(),
                    stamped -> SetNodeAttributeRequest.newBuilder()
                            .setOptions(stamped)
                            .setNode(Registers.nodeOf(key))
                            .setName(key)
                            .setValue(value)
                            .build());
            history.ok(name, function, key, change);
            registers.written(key, answer.getRevision(), value, invokedNanos);
            known.put(key, new Known(answer.getRevision(), value));
        } catch (QuorateException e) {
            if (e.category() == Category.CONFLICT && expected != null) {
                history.lost(name, function, key, change);
                known.remove(key);
                return;
            }
            registers.failed(e, function);
            if (e.category() == Category.UNAVAILABLE || e.category() == Category.REFUSED) {
                history.notDone(name, function, key);
            } else {
                history.unknown(name, function, key, change);
            }
        }
    }

    /** Takes the register away, after the history has ended. */
    void delete(String key) {
        SetNodeAttributeResponse unused = client.mutate(
                NodeServiceGrpc.getSetNodeAttributeMethod(),
                MutationOptions.getDefaultInstance(),
                stamped -> SetNodeAttributeRequest.newBuilder()
                        .setOptions(stamped)
                        .setNode(Registers.nodeOf(key))
                        .setName(key)
                        .build());
    }
}
