package io.aestus.aci;

import java.time.Instant;
import java.util.Optional;

/**
 * How an image is written.
 *
 * @param owners whose files the image's are
 * @param level 1 (fast) … 9 (small)
 * @param latest no file is said to be newer than this, and the manifest has just this time: {@code SOURCE_DATE_EPOCH}. Without
 *     it, files keep their times and the manifest has 1970's first second.
 */
public record BuildOptions(Compression compression, int level, Owners owners, Optional<Instant> latest) {
    /** gzip at its usual level, owners and times as they are. */
    public static final BuildOptions DEFAULT =
            new BuildOptions(Compression.GZIP, Compression.DEFAULT_LEVEL, Owners.KEPT, Optional.empty());

    public BuildOptions withCompression(Compression newCompression, int newLevel) {
        return new BuildOptions(newCompression, newLevel, owners, latest);
    }

    public BuildOptions withOwners(Owners newOwners) {
        return new BuildOptions(compression, level, newOwners, latest);
    }

    public BuildOptions withLatest(Instant newLatest) {
        return new BuildOptions(compression, level, owners, Optional.of(newLatest));
    }
}
