package io.quorate.jepsen.check;

import io.quorate.jepsen.check.RegisterCall.CompareAndSet;
import io.quorate.jepsen.check.RegisterCall.Read;
import io.quorate.jepsen.check.RegisterCall.Write;
import org.jspecify.annotations.Nullable;

/** One value, read, written, and compared and set. */
public final class RegisterModel implements Model<String, RegisterCall> {
    @Override
    public String initial() {
        return RegisterCall.NIL;
    }

    @Override
    public @Nullable String step(String state, RegisterCall call) {
        if (call instanceof Read read) {
            return read.value().equals(state) ? state : null;
        }
        if (call instanceof CompareAndSet swap && !swap.done()) {
            return swap.from().equals(state) ? null : state;
        }
        return written(state, call);
    }

    @Override
    public @Nullable String stepOfOpen(String state, RegisterCall call) {
        String after = written(state, call);
        return state.equals(after) ? null : after;
    }

    private static @Nullable String written(String state, RegisterCall call) {
        if (call instanceof Write write) {
            return write.value();
        }
        return call instanceof CompareAndSet swap && swap.from().equals(state) ? swap.to() : null;
    }

    @Override
    public boolean isRead(RegisterCall call) {
        return call instanceof Read || (call instanceof CompareAndSet swap && !swap.done());
    }

    @Override
    public String describe(RegisterCall call, boolean open) {
        if (call instanceof Read read) {
            return "read " + (open ? "?" : read.value());
        }
        if (call instanceof Write write) {
            return "write " + write.value();
        }
        CompareAndSet swap = (CompareAndSet) call;
        return "cas " + swap.from() + " -> " + swap.to() + (open ? " ?" : swap.done() ? "" : " failed");
    }
}
