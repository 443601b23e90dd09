package io.quorate.client.manifest;

import io.quorate.statemachine.model.ManifestRules;
import io.quorate.v1.Manifest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes objects and loads them again. */
final class RoundTrip {
    private RoundTrip() {}

    static List<Manifest> again(List<Manifest> manifests) throws ManifestException {
        return ManifestLoader.loadText("again.yaml", ManifestWriter.write(manifests));
    }

    /** Objects by key, without their places. */
    static Map<String, Manifest> contents(List<Manifest> manifests) {
        Map<String, Manifest> contents = new TreeMap<>();
        for (Manifest manifest : manifests) {
            Manifest.Builder content =
                    manifest.toBuilder().clearSource().clearLine().clearColumn();
            if (content.hasSettings()) {
                content.clearMeta();
            }
            contents.put(ManifestRules.key(manifest), content.build());
        }
        return contents;
    }
}
