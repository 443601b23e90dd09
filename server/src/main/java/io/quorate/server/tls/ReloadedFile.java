package io.quorate.server.tls;

import io.quorate.server.time.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A value read from files, and read again when one of them changes; looked at no more than once a second. */
final class ReloadedFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadedFile.class);
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    private final List<Path> files;
    private final Supplier<T> loader;
    private final LongSupplier nanos;
    private T value;
    private List<String> seen;
    private long lookedAtNanos;

    /** Loads at once; the failure of this first load is thrown. */
    ReloadedFile(List<Path> files, Supplier<T> loader) {
        this(files, loader, Clock.system()::monotonicNanos);
    }

    ReloadedFile(List<Path> files, Supplier<T> loader, LongSupplier nanos) {
        this.files = List.copyOf(files);
        this.loader = loader;
        this.nanos = nanos;
        seen = stamps();
        value = loader.get();
        lookedAtNanos = nanos.getAsLong();
    }

    synchronized T current() {
        long now = nanos.getAsLong();
        if (now - lookedAtNanos >= LOOK_EVERY_NANOS) {
            lookedAtNanos = now;
            List<String> stamps = stamps();
            if (!stamps.equals(seen)) {
                reload(stamps);
            }
        }
        return value;
    }

    private void reload(List<String> stamps) {
        try {
            value = loader.get();
            seen = stamps;
            LOG.info("read again: {}", files);
        } catch (TlsException e) {
            LOG.error("the old certificates stay in use: {}", e.getMessage());
        }
    }

    private List<String> stamps() {
        List<String> stamps = new ArrayList<>();
        for (Path file : files) {
            try {
                stamps.add(Files.getLastModifiedTime(file) + " " + Files.size(file));
            } catch (IOException e) {
                stamps.add("gone");
            }
        }
        return stamps;
    }
}
