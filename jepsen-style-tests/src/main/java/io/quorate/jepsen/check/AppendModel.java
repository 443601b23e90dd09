package io.quorate.jepsen.check;

import io.quorate.jepsen.check.AppendCall.Append;
import io.quorate.jepsen.check.AppendCall.Get;
import io.quorate.jepsen.check.AppendCall.Put;
import org.jspecify.annotations.Nullable;

/** A text, at first empty: read, replaced, appended to. */
public final class AppendModel implements Model<String, AppendCall> {
    @Override
    public String initial() {
        return "";
    }

    @Override
    public @Nullable String step(String state, AppendCall call) {
        if (call instanceof Get get) {
            return get.value().equals(state) ? state : null;
        }
        return written(state, call);
    }

    @Override
    public @Nullable String stepOfOpen(String state, AppendCall call) {
        String after = call instanceof Get ? state : written(state, call);
        return after.equals(state) ? null : after;
    }

    private static String written(String state, AppendCall call) {
        return call instanceof Put put ? put.value() : state + ((Append) call).value();
    }

    @Override
    public boolean isRead(AppendCall call) {
        return call instanceof Get;
    }

    @Override
    public String describe(AppendCall call, boolean open) {
        if (call instanceof Get get) {
            return "get " + (open ? "?" : describeState(get.value()));
        }
        return call instanceof Put put ? "put " + put.value() : "append " + ((Append) call).value();
    }

    /** The end of it says where in its life it is. */
    @Override
    public String describeState(String state) {
        int shown = 24;
        return '"' + (state.length() <= shown ? state : "…" + state.substring(state.length() - shown)) + '"';
    }
}
