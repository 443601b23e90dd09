package io.quorate.jepsen.sim;

import io.quorate.v1.CloneSpec;
import io.quorate.v1.FenceDeviceSpec;
import io.quorate.v1.FenceTarget;
import io.quorate.v1.GroupSpec;
import io.quorate.v1.Manifest;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.OcfKind;
import io.quorate.v1.Placement;
import io.quorate.v1.Promotable;
import io.quorate.v1.ResourceSpec;
import io.quorate.v1.Safety;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What runs in a simulation: single services, a group, a clone with a promoted copy, and one that may be given away by time. */
final class Services {
    private static final List<String> SINGLE = List.of("a", "b", "c", "d", "e", "f");

    List<Manifest> all() {
        List<Manifest> all = new ArrayList<>();
        FenceDeviceSpec.Builder device = FenceDeviceSpec.newBuilder().setType(SimHands.FENCE_AGENT);
        for (String node : SimWorld.NODES) {
            device.putPerNode(
                    node, FenceTarget.newBuilder().putParams("plug", node).build());
        }
        all.add(named("power").setFenceDevice(device).build());
        SINGLE.forEach(name -> all.add(single(name, "0")));
        all.add(named("g1").setResource(ocf("0")).build());
        all.add(named("g2").setResource(ocf("0")).build());
        all.add(named("g")
                .setGroup(GroupSpec.newBuilder().addMembers("g1").addMembers("g2"))
                .build());
        all.add(named("pg").setResource(ocf("0")).build());
        all.add(named("db")
                .setClone(CloneSpec.newBuilder().setOf("pg").setMax(3).setPromotable(Promotable.getDefaultInstance()))
                .build());
        return all;
    }

    /** Keys of the units. */
    List<String> units() {
        List<String> units = new ArrayList<>();
        SINGLE.forEach(name -> units.add("resources/" + name));
        units.add("groups/g");
        units.add("clones/db");
        return units;
    }

    /** What runs on machines: instance/resource. */
    List<String> members() {
        List<String> members = new ArrayList<>();
        SINGLE.forEach(name -> members.add(name + "/" + name));
        members.add("g/g1");
        members.add("g/g2");
        members.add("db:0/pg");
        members.add("db:1/pg");
        members.add("db:2/pg");
        return members;
    }

    /** One of them with another parameter. */
    Manifest redefined(SplittableRandom random) {
        return single(SINGLE.get(random.nextInt(SINGLE.size())), String.valueOf(random.nextInt(3)));
    }

    private static Manifest single(String name, String value) {
        ResourceSpec.Builder spec = ocf(value);
        switch (name) {
            case "b" -> spec.setPlacement(Placement.newBuilder().putNear("a", 200));
            case "c" -> spec.setPlacement(Placement.newBuilder().putApartFrom("a", 1_000_000));
            case "d", "e", "f" -> spec.setSafety(Safety.SAFETY_BEST_EFFORT);
            default -> {}
        }
        return named(name).setResource(spec).build();
    }

    private static Manifest.Builder named(String name) {
        return Manifest.newBuilder().setMeta(ObjectMeta.newBuilder().setName(name));
    }

    private static ResourceSpec.Builder ocf(String value) {
        return ResourceSpec.newBuilder()
                .setOcf(OcfKind.newBuilder()
                        .setProvider("sim")
                        .setType("service")
                        .putParams("value", value));
    }
}
