package io.quorate.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of errors.txt: a file that is wrong, and the whole text that its author gets to read. */
class ManifestErrorsTest {
    @TestFactory
    Stream<DynamicTest> everyMistakeHasItsPlaceReasonAndFix() throws IOException {
        return Arrays.stream(resource("errors.txt").split("(?m)^=== "))
                .filter(text -> !text.isBlank())
                .map(text -> {
                    String name = text.substring(0, text.indexOf('\n'));
                    int end = text.indexOf("\n----\n");
                    String file = text.substring(name.length() + 1, end + 1);
                    String expected = text.substring(end + "\n----\n".length()).strip();
                    return DynamicTest.dynamicTest(name, () -> {
                        ManifestException refused = catchThrowableOfType(
                                ManifestException.class, () -> ManifestLoader.loadText("web.yaml", file));
                        assertThat(refused).as("the file is refused").isNotNull();
                        assertThat(refused.getMessage()).isEqualTo(expected);
                        assertThat(refused.problems()).hasSizeBetween(1, Problems.MAX);
                    });
                });
    }

    static String resource(String name) throws IOException {
        try (InputStream in = ManifestErrorsTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no test resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
