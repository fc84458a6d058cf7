package io.aestus.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of which each has a {@link Box} of its own. */
abstract class InABox {
    @TempDir
    Path dir;

    Box box;

    @BeforeEach
    void openBox() throws IOException {
        box = new Box(dir);
    }

    @AfterEach
    void closeBox() {
        if (box != null) {
            box.close();
        }
    }

    /** All that comes until there is {@code wanted} among it. */
    static String until(String wanted, InputStream from) throws IOException {
        var seen = new StringBuilder();
        while (seen.indexOf(wanted) < 0) {
            int next = from.read();
            if (next < 0) {
                throw new AssertionError("never '" + wanted + "', but " + seen);
            }
            seen.append((char) next);
        }
        return new String(seen.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
