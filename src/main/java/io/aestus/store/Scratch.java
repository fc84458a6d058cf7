package io.aestus.store;

import io.aestus.linux.Directory;
import java.io.IOException;

/** An empty directory beside the store's, for as long as this is open; swept up after the end of a process that was killed. */
public final class Scratch implements AutoCloseable {
    private static final String FILES = "files";

    private final Staging staging;
    private final Directory directory;

    Scratch(Staging staging) throws IOException {
        this.staging = staging;
        try {
            staging.directory().makeDirectory(FILES, 0700);
            this.directory = staging.directory().openDirectory(FILES);
        } catch (IOException e) {
            staging.close();
            throw e;
        }
    }

    /** Lent. */
    public Directory directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        directory.close();
        staging.close();
    }
}
