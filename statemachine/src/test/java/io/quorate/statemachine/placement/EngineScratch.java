package io.quorate.statemachine.placement;
import java.util.*;
public class EngineScratch { public static List<String> run(Problem p) { Layout l=new Layout(p); new Assignment(p).assignAll(l.slots); List<String> rows=new ArrayList<>();
 for (Slot s : l.slots) s.singles().forEach(x->{ if (!x.managed) { for (var r : x.running) rows.add(x.of.id()+" "+r.machine()+" "+cap(r.role())); } else if (x.assignedTo!=null && x.nextRole.isActive()) rows.add(x.of.id()+" "+x.assignedTo.name()+" "+cap(x.nextRole)); }); return rows; }
 static String cap(Role r){ return r.name().charAt(0)+r.name().substring(1).toLowerCase(Locale.ROOT);} }
