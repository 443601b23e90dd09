package io.quorate.statemachine.policy;

import io.quorate.log.v1.ApplyObjects;
import io.quorate.statemachine.model.Keys;
import io.quorate.v1.CloneSpec;
import io.quorate.v1.ColocationSpec;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.Follow;
import io.quorate.v1.LocationSpec;
import io.quorate.v1.LossPolicy;
import io.quorate.v1.Manifest;
import io.quorate.v1.MultipleActive;
import io.quorate.v1.NodeSpec;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.OrderAction;
import io.quorate.v1.OrderKind;
import io.quorate.v1.OrderSpec;
import io.quorate.v1.Placement;
import io.quorate.v1.PlacementStrategy;
import io.quorate.v1.ProcessKind;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Role;
import io.quorate.v1.Safety;
import io.quorate.v1.SettingsSpec;
import io.quorate.v1.TicketConstraintSpec;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/** The configuration of a random cluster: units, some of them clones, and rules that do not go round in circles. */
final class RandomManifests {
    private final Random random;
    private final List<String> nodes;
    private final List<String> units;
    private final TreeSet<String> clones = new TreeSet<>();
    private final TreeSet<String> promotable = new TreeSet<>();

    RandomManifests(Random random, List<String> nodes, List<String> units) {
        this.random = random;
        this.nodes = nodes;
        this.units = units;
        if (random.nextInt(3) > 0) {
            for (String unit : units) {
                if (random.nextInt(3) == 0) {
                    clones.add(unit);
                }
            }
        }
        for (String clone : clones) {
            if (random.nextInt(3) > 0) {
                promotable.add(clone);
            }
        }
    }

    String key(String unit) {
        return isClone(unit) ? Keys.clone(unit) : Keys.resource(unit);
    }

    private boolean isClone(String unit) {
        return clones.contains(unit);
    }

    ApplyObjects.Builder write() {
        ApplyObjects.Builder objects = ApplyObjects.newBuilder().setAllowUnfenced(true);
        units.forEach(unit -> write(unit, objects));
        for (int rule = 0; rule < 2; rule++) {
            if (random.nextInt(3) == 0) {
                objects.addManifests(order("order" + rule));
            }
            if (!clones.isEmpty() && random.nextInt(3) == 0) {
                objects.addManifests(colocation("colocation" + rule));
            }
        }
        for (String clone : promotable) {
            if (random.nextInt(3) == 0) {
                objects.addManifests(promotedLocation(clone));
            }
        }
        if (random.nextInt(3) == 0) {
            objects.addManifests(Manifest.newBuilder()
                    .setSettings(SettingsSpec.newBuilder()
                            .setPlacementStrategy(PlacementStrategy.PLACEMENT_STRATEGY_UTILIZATION)));
            for (String node : nodes) {
                objects.addManifests(
                        named(node).setNode(NodeSpec.newBuilder().putUtilization("memory", 3 + random.nextInt(3))));
            }
        }
        FenceDeviceSpec.Builder device = FenceDeviceSpec.newBuilder().setType("fence_test");
        nodes.forEach(node -> device.putPerNode(
                node, FenceTarget.newBuilder().putParams("plug", node).build()));
        return objects.addManifests(named("power").setFenceDevice(device));
    }

    private static Manifest.Builder named(String name) {
        return Manifest.newBuilder().setMeta(ObjectMeta.newBuilder().setName(name));
    }

    private void write(String unit, ApplyObjects.Builder objects) {
        Placement.Builder placement = Placement.newBuilder().setStickiness(random.nextInt(2) * 100);
        if (random.nextBoolean()) {
            placement.putPrefer(anyNode(), random.nextInt(300));
        }
        if (random.nextInt(4) == 0) {
            placement.addAvoid(anyNode());
        }
        Optional<Follow> follow = bind(unit, placement);
        ResourceSpec.Builder spec = ResourceSpec.newBuilder()
                .setProcess(ProcessKind.newBuilder().addCommand("/bin/" + unit))
                .putUtilization("memory", 1 + random.nextInt(2));
        Safety safety = random.nextInt(4) == 0 ? Safety.SAFETY_BEST_EFFORT : Safety.SAFETY_EXCLUSIVE;
        MultipleActive several = MultipleActive.forNumber(random.nextInt(4));
        if (isClone(unit)) {
            objects.addManifests(named(copied(unit)).setResource(spec));
            CloneSpec.Builder clone =
                    cloneOf(unit).setSafety(safety).setPlacement(placement).setMultipleActive(several);
            follow.ifPresent(clone::setFollow);
            objects.addManifests(named(unit).setClone(clone));
        } else {
            if (random.nextBoolean()) {
                spec.setOcf(OcfKind.newBuilder().setProvider("test").setType("Vm"))
                        .setLiveMigration(safety == Safety.SAFETY_EXCLUSIVE);
            }
            spec.setSafety(safety).setPlacement(placement).setMultipleActive(several);
            follow.ifPresent(spec::setFollow);
            objects.addManifests(named(unit).setResource(spec));
        }
    }

    private static String copied(String clone) {
        return clone + "-it";
    }

    private CloneSpec.Builder cloneOf(String clone) {
        CloneSpec.Builder spec = CloneSpec.newBuilder()
                .setOf(copied(clone))
                .setInterleave(random.nextBoolean())
                .setOrdered(random.nextInt(4) == 0);
        if (random.nextBoolean()) {
            spec.setMax(1 + random.nextInt(4));
        }
        if (random.nextInt(4) == 0) {
            spec.setGloballyUnique(true).setMaxPerNode(1 + random.nextInt(2));
        }
        if (random.nextInt(4) == 0) {
            spec.setMin(1);
        }
        if (promotable.contains(clone)) {
            int most = spec.hasMax() ? spec.getMax() : 2;
            spec.setPromotable(Promotable.newBuilder().setMax(1 + random.nextInt(Math.min(2, most))));
        }
        return spec;
    }

    /** Binds a unit to one before it, so that rules do not go round in circles. */
    private Optional<Follow> bind(String unit, Placement.Builder placement) {
        int before = units.indexOf(unit);
        if (before == 0) {
            return Optional.empty();
        }
        String other = units.get(random.nextInt(before));
        switch (random.nextInt(6)) {
            case 0 -> placement.putNear(other, random.nextBoolean() ? 1_000_000 : 150);
            case 1 -> placement.putApartFrom(other, random.nextBoolean() ? 1_000_000 : 150);
            case 2 -> {
                return Optional.of(Follow.newBuilder()
                        .setResource(other)
                        .setRole(role(other))
                        .build());
            }
            default -> {}
        }
        return Optional.empty();
    }

    private Role role(String unit) {
        return promotable.contains(unit) && random.nextBoolean() ? Role.ROLE_PROMOTED : Role.ROLE_UNSPECIFIED;
    }

    private Manifest.Builder order(String name) {
        int then = 1 + random.nextInt(units.size() - 1);
        int first = random.nextInt(then);
        OrderKind kind = switch (random.nextInt(3)) {
            case 0 -> OrderKind.ORDER_KIND_OPTIONAL;
            case 1 -> OrderKind.ORDER_KIND_SERIALIZE;
            default -> OrderKind.ORDER_KIND_MANDATORY;
        };
        return named(name)
                .setOrder(OrderSpec.newBuilder()
                        .setFirst(units.get(first))
                        .setFirstAction(action(units.get(first)))
                        .setThen(units.get(then))
                        .setThenAction(action(units.get(then)))
                        .setKind(kind)
                        .setAsymmetrical(kind == OrderKind.ORDER_KIND_MANDATORY && random.nextInt(3) == 0));
    }

    /** Some units need one or two tickets, promotable clones perhaps only to be promoted. */
    ApplyObjects.Builder ticketConstraints(List<String> tickets) {
        ApplyObjects.Builder apply = ApplyObjects.newBuilder();
        for (String unit : units) {
            for (String ticket : tickets) {
                if (random.nextInt(2) == 0) {
                    Role role = role(unit);
                    int policies = role == Role.ROLE_PROMOTED ? 5 : 4;
                    LossPolicy policy = List.of(
                                    LossPolicy.LOSS_POLICY_UNSPECIFIED,
                                    LossPolicy.LOSS_POLICY_STOP,
                                    LossPolicy.LOSS_POLICY_FENCE,
                                    LossPolicy.LOSS_POLICY_FREEZE,
                                    LossPolicy.LOSS_POLICY_DEMOTE)
                            .get(random.nextInt(policies));
                    apply.addManifests(named(unit + "-" + ticket)
                            .setTicketConstraint(TicketConstraintSpec.newBuilder()
                                    .setTicket(ticket)
                                    .addResources(unit)
                                    .setRole(role)
                                    .setLossPolicy(policy)));
                }
            }
        }
        return apply;
    }

    private OrderAction action(String unit) {
        return role(unit) == Role.ROLE_PROMOTED ? OrderAction.ORDER_ACTION_PROMOTE : OrderAction.ORDER_ACTION_START;
    }

    private Manifest.Builder colocation(String name) {
        int dependent = 1 + random.nextInt(units.size() - 1);
        int primary = random.nextInt(dependent);
        int score = random.nextBoolean() ? 1_000_000 : 150;
        return named(name)
                .setColocation(ColocationSpec.newBuilder()
                        .setResource(units.get(dependent))
                        .setRole(role(units.get(dependent)))
                        .setWithResource(units.get(primary))
                        .setWithRole(role(units.get(primary)))
                        .setScore(random.nextBoolean() ? score : -score));
    }

    private Manifest.Builder promotedLocation(String clone) {
        int score = random.nextInt(3) == 0 ? -1_000_000 : random.nextInt(200) - 50;
        return named(clone + "-promoted")
                .setLocation(LocationSpec.newBuilder()
                        .setResource(clone)
                        .setRole(Role.ROLE_PROMOTED)
                        .putNodes(anyNode(), score));
    }

    private String anyNode() {
        return nodes.get(random.nextInt(nodes.size()));
    }
}
