package io.quorate.client.manifest;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.quorate.statemachine.model.DateField;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.ConstraintSet;
import io.quorate.v1.DateCondition;
import io.quorate.v1.LocationRule;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.MatchOperator;
import io.quorate.v1.MatchType;
import io.quorate.v1.NodeMatch;
import io.quorate.v1.NumberRange;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Role;
import io.quorate.v1.TicketConstraintSpec;
import java.util.List;
import java.util.Random;

/** Valid locations, colocations and orders from a seed. */
final class Constraints {
    private final Random random;

    Constraints(Random random) {
        this.random = random;
    }

    LocationSpec location() {
        LocationSpec.Builder spec = LocationSpec.newBuilder().setResource("web").setRole(role());
        if (random.nextBoolean()) {
            spec.putNodes("n1", score()).putNodes("0x2", score());
        }
        for (int i = random.nextInt(3); i > 0 || (spec.getNodesCount() == 0 && spec.getRulesCount() == 0); i--) {
            LocationRule.Builder rule =
                    LocationRule.newBuilder().setScore(score()).setAny(random.nextBoolean());
            for (int m = 1 + random.nextInt(3); m > 0; m--) {
                rule.addMatches(match());
            }
            spec.addRules(rule);
        }
        return spec.build();
    }

    private NodeMatch match() {
        NodeMatch.Builder match = NodeMatch.newBuilder();
        if (random.nextInt(4) == 0) {
            return random.nextBoolean()
                    ? match.setDuring(dates()).build()
                    : match.setOutside(dates()).build();
        }
        if (random.nextBoolean()) {
            match.setLabel("disk");
        } else {
            match.setAttribute(random.nextBoolean() ? "#uname" : "ping");
        }
        match.setOperator(MatchOperator.forNumber(random.nextInt(9)));
        boolean compares = match.getOperatorValue() < MatchOperator.MATCH_OPERATOR_DEFINED_VALUE;
        return compares
                ? match.setValue("1.10")
                        .setType(MatchType.forNumber(random.nextInt(4)))
                        .build()
                : match.build();
    }

    private DateCondition dates() {
        DateCondition.Builder dates = DateCondition.newBuilder();
        long begin = random.nextInt(Integer.MAX_VALUE);
        if (random.nextBoolean()) {
            dates.setAfter(Timestamp.newBuilder().setSeconds(begin));
            if (random.nextBoolean()) {
                dates.setDuration(Duration.newBuilder().setSeconds(1 + random.nextInt(1_000_000)));
            }
        } else {
            dates.setBefore(Timestamp.newBuilder().setSeconds(begin));
        }
        for (DateField field : DateField.values()) {
            // Every month has a day of these, whatever the months are.
            int most = field == DateField.MONTHDAYS ? 28 : field.max();
            for (int i = random.nextInt(3) - 1; i > 0; i--) {
                int first = field.min() + random.nextInt(most - field.min() + 1);
                int last = first + random.nextInt(most - first + 1);
                field.add(
                        dates,
                        NumberRange.newBuilder().setFirst(first).setLast(last).build());
            }
        }
        List<String> zones = List.of("", "+05:30", "Europe/Berlin", "UTC");
        return dates.setZone(zones.get(random.nextInt(zones.size()))).build();
    }

    ColocationSpec colocation() {
        ColocationSpec.Builder spec = ColocationSpec.newBuilder();
        if (random.nextBoolean()) {
            boolean influence = random.nextBoolean();
            spec.setInfluence(influence).setNoInfluence(!influence);
        }
        if (random.nextBoolean()) {
            spec.setScore(score());
        }
        switch (random.nextInt(3)) {
            case 0 -> spec.setNodeLabel("rack");
            case 1 -> spec.setNodeAttribute("site");
            default -> {}
        }
        if (random.nextBoolean()) {
            return spec.setResource("web")
                    .setWithResource("1.10")
                    .setRole(role())
                    .setWithRole(role())
                    .build();
        }
        return spec.addSets(set("a", "b"))
                .addSets(set("true").toBuilder().setRole(role()))
                .build();
    }

    OrderSpec order() {
        OrderSpec.Builder spec = OrderSpec.newBuilder().setKindValue(random.nextInt(4));
        spec.setAsymmetrical(spec.getKindValue() != 3 && random.nextBoolean());
        if (random.nextBoolean()) {
            return spec.setFirst("db")
                    .setThen("web")
                    .setFirstActionValue(random.nextInt(5))
                    .setThenActionValue(random.nextInt(5))
                    .build();
        }
        ConstraintSet.Builder first = set("a", "b").toBuilder();
        first.setAny(first.getParallel() && random.nextBoolean());
        return spec.addSets(first.setAction(OrderAction.ORDER_ACTION_START))
                .addSets(set("c").toBuilder().setActionValue(random.nextInt(3)))
                .build();
    }

    TicketConstraintSpec ticket() {
        TicketConstraintSpec.Builder spec = TicketConstraintSpec.newBuilder()
                .setTicket("site.a")
                .addResources("web")
                .setLossPolicyValue(random.nextInt(5));
        if (random.nextBoolean()) {
            spec.addResources("true");
        }
        boolean promoted = spec.getLossPolicy() == LossPolicy.LOSS_POLICY_DEMOTE || random.nextBoolean();
        return spec.setRole(promoted ? Role.ROLE_PROMOTED : Role.forNumber(2 * random.nextInt(2)))
                .build();
    }

    private ConstraintSet set(String... resources) {
        return ConstraintSet.newBuilder()
                .addAllResources(List.of(resources))
                .setParallel(random.nextBoolean())
                .build();
    }

    private Role role() {
        return switch (random.nextInt(4)) {
            case 0 -> Role.ROLE_PROMOTED;
            case 1 -> Role.ROLE_UNPROMOTED;
            case 2 -> Role.ROLE_STARTED;
            default -> Role.ROLE_UNSPECIFIED;
        };
    }

    private int score() {
        return random.nextInt(4) == 0 ? 1_000_000 : random.nextInt(2_000_001) - 1_000_000;
    }
}
