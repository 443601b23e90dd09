package io.quorate.statemachine.placement;
import java.util.*;
public class EngineScratch { public static List<String> run(Problem p) { Layout l=new Layout(p); new Assignment(p).assignAll(l.slots); Feasibility f=new Feasibility(p,l); f.settle(); List<String> rows=new ArrayList<>();
 for (Slot s : l.slots) s.singles().forEach(x->{ if (!x.managed || f.isStuck(x) && (x.assignedTo==null || !x.nodes.contains(x.assignedTo))) { for (var r : x.running) if (r.role().isActive()) rows.add(x.of.id()+" "+r.machine()+" "+cap(r.role())); } else if (f.isUp(x) && f.roleAfter(x).isActive()) rows.add(x.of.id()+" "+x.assignedTo.name()+" "+cap(f.roleAfter(x))); }); return rows; }
 static String cap(Role r){ return r.name().charAt(0)+r.name().substring(1).toLowerCase(Locale.ROOT);} }
