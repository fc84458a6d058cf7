package io.aestus.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The signals that this process ignores, as one started by nohup does: unlike handlers, that survives clone and exec. */
final class SignalDispositions {
    private static final long IGNORED = read();

    private SignalDispositions() {}

    /** Bit n - 1 stands for signal n. */
    static long ignored() {
        return IGNORED;
    }

    private static long read() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no SigIgn in /proc/self/status"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read which signals are ignored", e);
        }
    }
}
