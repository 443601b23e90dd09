package io.quorate.statemachine.placement;

import java.util.*;

public class EngineScratch {
    public static Answer run(Problem p) {
        return Engine.solve(p);
    }

    public static String cap(Role r) {
        return r.name().charAt(0) + r.name().substring(1).toLowerCase(Locale.ROOT);
    }
}
