/**
 * Manifest files: YAML to the messages of the API and back. {@link io.quorate.client.manifest.ManifestLoader} reads,
 * {@link io.quorate.client.manifest.ManifestWriter} writes, {@link io.quorate.client.manifest.SpecDiff} compares.
 */
@NullMarked
package io.quorate.client.manifest;

import org.jspecify.annotations.NullMarked;
