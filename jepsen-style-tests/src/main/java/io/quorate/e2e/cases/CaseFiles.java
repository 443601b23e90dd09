package io.quorate.e2e.cases;

import io.quorate.e2e.lab.LabException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that cases put on the disks of hosts. */
final class CaseFiles {
    private CaseFiles() {}

    static void copy(String resource, Path target) throws IOException {
        try (InputStream source = CaseFiles.class.getResourceAsStream(resource)) {
            if (source == null) {
                throw new LabException("no resource " + resource);
            }
            Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
