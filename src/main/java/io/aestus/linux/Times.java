package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/** The two {@code timespec}s of utimensat(2), to the nanosecond. */
final class Times {
    private Times() {}

    static MemorySegment of(Arena arena, Instant accessed, Instant modified) {
        return arena.allocateFrom(
                JAVA_LONG,
                accessed.getEpochSecond(),
                accessed.getNano(),
                modified.getEpochSecond(),
                modified.getNano());
    }
}
