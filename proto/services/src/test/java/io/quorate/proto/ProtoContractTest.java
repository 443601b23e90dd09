package io.quorate.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Our own contract against the rules and against the committed baseline, which {@code proto/update-baseline} rewrites. */
class ProtoContractTest {
    private static final Path CURRENT = Path.of("target", "quorate.binpb");
    private static final Path BASELINE =
            Path.of(System.getProperty("quorate.root", "../.."), "proto", "baseline", "quorate.binpb");

    @Test
    void theContractFollowsTheNamingRules() throws IOException {
        assertThat(ProtoLint.problemsIn(read(CURRENT))).isEmpty();
    }

    @Test
    void theContractBreaksNothingInTheBaseline() throws IOException {
        if (Boolean.getBoolean("proto.baseline.update")) {
            Files.createDirectories(BASELINE.getParent());
            Files.write(BASELINE, read(CURRENT).toByteArray());
        }
        assertThat(ProtoCompatibility.breaksBetween(read(BASELINE), read(CURRENT)))
                .as("breaks; when they are meant and not released yet, run proto/update-baseline")
                .isEmpty();
    }

    private static FileDescriptorSet read(Path file) throws IOException {
        return FileDescriptorSet.parseFrom(Files.readAllBytes(file));
    }
}
