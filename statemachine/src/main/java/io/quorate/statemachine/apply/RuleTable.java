package io.quorate.statemachine.apply;

import io.quorate.log.v1.Command;
import io.quorate.statemachine.command.CommandKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One rule for each kind of command. An argument of the {@link Applier}, so that a test can take a guard away. */
public final class RuleTable {
    private final List<Guard<Command>> envelope;
    private final Map<CommandKind, Rule<?>> rules;

    private RuleTable(List<Guard<Command>> envelope, Map<CommandKind, Rule<?>> rules) {
        this.envelope = List.copyOf(envelope);
        this.rules = rules;
    }

    /** The rules of the product. */
    public static RuleTable standard() {
        List<Rule<?>> all = new ArrayList<>();
        all.addAll(ClusterRules.all());
        all.addAll(ConfigurationRules.all());
        all.addAll(UnitRules.all());
        all.addAll(ProbeRules.all());
        all.addAll(NodeRules.all());
        all.addAll(NodeMaintenanceRules.all());
        all.addAll(OwnershipRules.all());
        all.addAll(MigrationRules.all());
        all.addAll(ScoreRules.all());
        all.addAll(FenceRules.all());
        all.addAll(TermRules.all());
        all.addAll(SiteTicketRules.all());
        Map<CommandKind, Rule<?>> table = new EnumMap<>(CommandKind.class);
        for (Rule<?> rule : all) {
            if (table.put(rule.kind(), rule) != null) {
                throw new IllegalStateException("two rules for " + rule.kind());
            }
        }
        return new RuleTable(Envelope.guards(), table);
    }

    /** This table with every guard of that name taken out: for tests that prove that the guard is needed. */
    public RuleTable without(String guard) {
        Map<CommandKind, Rule<?>> fewer = new EnumMap<>(CommandKind.class);
        rules.forEach((kind, rule) -> fewer.put(kind, rule.without(guard)));
        return new RuleTable(
                envelope.stream().filter(g -> !g.name().equals(guard)).toList(), fewer);
    }

    /** The guards that every command passes first. */
    public List<Guard<Command>> envelope() {
        return envelope;
    }

    public List<Rule<?>> all() {
        return List.copyOf(rules.values());
    }

    @Nullable
    Rule<?> get(CommandKind kind) {
        return rules.get(kind);
    }
}
