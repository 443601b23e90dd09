package io.quorate.statemachine.placement;

import java.util.*;

public class EngineScratch {
    public static Transition run(Problem p) {
        return Engine.plan(p);
    }

    public static String cap(Role r) {
        return r.name().charAt(0) + r.name().substring(1).toLowerCase(Locale.ROOT);
    }

    public static String rest(Transition t) {
        StringBuilder out = new StringBuilder(",\"actions\":[");
        String sep = "";
        for (var a : t.actions()) {
            out.append(sep)
                    .append("{\"op\":\""
                            + a.kind().name().toLowerCase(Locale.ROOT).replace("repromote", "re-promote")
                            + "\",\"rsc\":\"" + a.resource() + "\"");
            a.from().ifPresent(x -> out.append(",\"from\":\"" + x + "\""));
            a.to().ifPresent(x -> out.append(",\"to\":\"" + x + "\""));
            a.fromRole().ifPresent(x -> out.append(",\"fromRole\":\"" + cap(x) + "\""));
            a.toRole().ifPresent(x -> out.append(",\"toRole\":\"" + cap(x) + "\""));
            if (a.blocked()) out.append(",\"blocked\":true");
            out.append("}");
            sep = ",";
        }
        out.append("],\"ops\":[");
        sep = "";
        for (var o : t.operations()) {
            out.append(sep)
                    .append(
                            o.verb() == Transition.Verb.FENCE
                                    ? "[\"fence\",\"" + o.machine() + "\",\"reboot\"]"
                                    : "[\"" + o.verb().name().toLowerCase(Locale.ROOT) + "\",\"" + o.resource()
                                            + "\",\"" + o.machine() + "\"]");
            sep = ",";
        }
        out.append("],\"order\":[");
        sep = "";
        for (var o : t.order()) {
            out.append(sep).append("[" + o.before() + "," + o.after() + "]");
            sep = ",";
        }
        return out.append("]").toString();
    }
}
