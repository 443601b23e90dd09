package io.quorate.e2e.cases;

import io.quorate.e2e.Case;
import io.quorate.e2e.Scene;
import io.quorate.e2e.lab.Host;
import java.util.function.BiConsumer;

/** The owner is lost in some way: it is fenced, and the service comes up on another host. */
final class OwnerLost extends Case {
    private final boolean leads;
    private final BiConsumer<Scene, Host> fault;

    /** @param leads whether the owner also leads, or somebody else does */
    OwnerLost(String name, String title, boolean leads, BiConsumer<Scene, Host> fault) {
        super(name, title);
        this.leads = leads;
        this.fault = fault;
    }

    @Override
    public void play(Scene scene) {
        Host owner = scene.owner();
        Faults.leadFrom(scene, leads ? owner : Faults.other(scene, owner));
        scene.fault(() -> fault.accept(scene, owner));
        scene.awaitMoveFrom(owner);
        Faults.requireFenced(scene, owner);
        Faults.requireReported(scene);
        if (leads) {
            scene.requireOutageAsSeen();
        }
    }
}
