package io.aestus.aci;

import io.aestus.json.JsonLimits;

/**
 * What an archive may ask of this host. The defaults hold for any image that people really build, and stop those that
 * are made to fill a disk or a heap.
 *
 * @param bytes length of the tar, uncompressed; also the sum of the apparent sizes of its files
 * @param entries number of entries
 * @param ratio uncompressed bytes per compressed byte, counted once {@link #RATIO_FREE_BYTES} are out
 * @param pathBytes length of an entry's path and of a link's target
 * @param depth directories above an entry
 * @param paxBytes size of one extended header
 * @param manifestBytes size of the manifest
 * @param devices what becomes of device nodes
 */
public record UnpackLimits(
        long bytes,
        long entries,
        int ratio,
        int pathBytes,
        int depth,
        int paxBytes,
        int manifestBytes,
        DevicePolicy devices) {
    /** Below this size no ratio is suspicious: a file of zeros compresses a thousandfold. */
    static final long RATIO_FREE_BYTES = 1L << 30;

    /** 64 GiB, half a million entries, devices left out. */
    public static final UnpackLimits DEFAULT = new UnpackLimits(
            64L << 30, 500_000, 200, 4095, 128, 1 << 20, JsonLimits.DEFAULT.bytes(), DevicePolicy.SKIP);

    public UnpackLimits {
        if (bytes < 0 || entries < 0 || ratio < 1 || pathBytes < 1 || depth < 1 || paxBytes < 1 || manifestBytes < 1) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }

    /** The same with another bound on size. */
    public UnpackLimits withBytes(long newBytes) {
        return new UnpackLimits(newBytes, entries, ratio, pathBytes, depth, paxBytes, manifestBytes, devices);
    }

    /** The same with another bound on the number of entries. */
    public UnpackLimits withEntries(long newEntries) {
        return new UnpackLimits(bytes, newEntries, ratio, pathBytes, depth, paxBytes, manifestBytes, devices);
    }

    /** The same with another bound on compression. */
    public UnpackLimits withRatio(int newRatio) {
        return new UnpackLimits(bytes, entries, newRatio, pathBytes, depth, paxBytes, manifestBytes, devices);
    }

    /** The same with another policy for device nodes. */
    public UnpackLimits withDevices(DevicePolicy newDevices) {
        return new UnpackLimits(bytes, entries, ratio, pathBytes, depth, paxBytes, manifestBytes, newDevices);
    }
}
