package io.quorate.jepsen.check;

import io.quorate.jepsen.check.RegisterCall.CompareAndSet;
import io.quorate.jepsen.check.RegisterCall.Read;
import io.quorate.jepsen.check.RegisterCall.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Histories of a register that really did one operation at a time, some of whose answers were lost. */
final class SampleHistories {
    private static final int VALUES = 5;

    private final Random random;
    private final int clients;
    private final double busy;
    private final double lost;

    private final List<Operation<RegisterCall>> done = new ArrayList<>();
    private String value = RegisterCall.NIL;
    private long now;

    /**
     * Begins anew for a seed.
     *
     * @param busy how readily a client that waits for nothing calls, from 0 to 1; others call on other objects
     * @param lost how many of all answers nobody sees, from 0 to 1; half of those had an effect
     */
    SampleHistories(long seed, int clients, double busy, double lost) {
        this.random = new Random(seed);
        this.clients = clients;
        this.busy = busy;
        this.lost = lost;
    }

    private static final class Asked {
        final String client;
        final long called;
        RegisterCall call;
        boolean isDone;

        Asked(String client, long called, RegisterCall call) {
            this.client = client;
            this.called = called;
            this.call = call;
        }
    }

    /** At least {@code count} operations: clients call, take effect and return in a random order. */
    List<Operation<RegisterCall>> next(int count) {
        Asked[] asked = new Asked[clients];
        int names = clients;
        String[] name = new String[clients];
        Arrays.setAll(name, client -> "" + client);
        while (done.size() < count) {
            int client = random.nextInt(clients);
            Asked call = asked[client];
            now++;
            if (call == null) {
                asked[client] = random.nextDouble() < busy ? new Asked(name[client], now, anyCall()) : null;
            } else if (random.nextDouble() < lost) {
                if (random.nextBoolean() && !call.isDone) {
                    takeEffect(call.call);
                }
                open(call);
                asked[client] = null;
                name[client] = "" + names++;
            } else if (call.isDone) {
                done.add(new Operation<>(call.client, call.call, call.called, now, (int) call.called));
                asked[client] = null;
            } else {
                call.call = takeEffect(call.call);
                call.isDone = true;
            }
        }
        for (Asked call : asked) {
            if (call != null) {
                open(call);
            }
        }
        return List.copyOf(done);
    }

    private void open(Asked call) {
        if (!(call.call instanceof Read)) {
            done.add(new Operation<>(call.client, call.call, call.called, Operation.OPEN, (int) call.called));
        }
    }

    private String anyValue() {
        return "" + random.nextInt(VALUES);
    }

    private RegisterCall anyCall() {
        return switch (random.nextInt(3)) {
            case 0 -> new Read(RegisterCall.NIL);
            case 1 -> new Write(anyValue());
            default -> new CompareAndSet(anyValue(), anyValue(), true);
        };
    }

    /** The call with its answer. */
    private RegisterCall takeEffect(RegisterCall call) {
        if (call instanceof Read) {
            return new Read(value);
        }
        if (call instanceof CompareAndSet swap) {
            boolean isDone = swap.from().equals(value);
            value = isDone ? swap.to() : value;
            return new CompareAndSet(swap.from(), swap.to(), isDone);
        }
        value = ((Write) call).value();
        return call;
    }
}
