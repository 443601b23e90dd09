package io.quorate.client.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.v1.Instance;
import io.quorate.v1.ObjectMeta;
import io.quorate.v1.Resource;
import io.quorate.v1.ResourceStatus;
import org.junit.jupiter.api.Test;

/** What the tables say of a unit. */
class UnitTest {
    private static Unit vm(String node, String migratingTo) {
        return Unit.of(Resource.newBuilder()
                .setMeta(ObjectMeta.newBuilder().setName("vm"))
                .setStatus(ResourceStatus.newBuilder()
                        .addInstances(
                                Instance.newBuilder().setId("vm").setNode(node).setMigratingTo(migratingTo)))
                .build());
    }

    @Test
    void whereItIsMovingToIsInTheDetail() {
        assertThat(vm("n1", "n2").node()).isEqualTo("n1");
        assertThat(vm("n1", "n2").detail()).isEqualTo("moving to n2 alive");
        assertThat(vm("", "n2").detail())
                .isEqualTo("was to move to n2 alive: waits until it is known to be stopped there");
        assertThat(vm("n1", "").detail()).isEmpty();
    }
}
