package io.aestus.linux;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** What a cgroup and its children used so far; each part is empty where its controller is missing. */
public record CgroupStatistics(
        Optional<Cpu> cpu,
        Optional<Memory> memory,
        OptionalLong processes,
        Optional<BlockIo> blockIo,
        Pressure pressure) {

    /**
     * Processor time since the cgroup was made.
     *
     * @param periods of the quota, in which something ran
     * @param throttledPeriods periods in which the quota ran out
     */
    public record Cpu(
            long totalNanos,
            long userNanos,
            long systemNanos,
            long periods,
            long throttledPeriods,
            long throttledNanos) {}

    /**
     * Memory now.
     *
     * @param usedBytes with the page cache
     * @param workingSetBytes what could not be had back at once: without inactive file pages
     * @param anonymousBytes memory that no file backs
     * @param cacheBytes memory that a file backs
     * @param mappedBytes the part of that which is mapped
     * @param limitBytes empty if unlimited
     * @param swapLimitBytes of what may be swapped out; empty if unlimited, or not counted
     * @param limitHits how often the limit was reached
     * @param outOfMemoryKills how many processes were ended for want of memory
     */
    public record Memory(
            long usedBytes,
            long workingSetBytes,
            long anonymousBytes,
            long cacheBytes,
            long mappedBytes,
            long peakBytes,
            long swapBytes,
            OptionalLong limitBytes,
            OptionalLong swapLimitBytes,
            long pageFaults,
            long majorPageFaults,
            long limitHits,
            long outOfMemoryKills) {}

    /** Traffic with block devices: bytes, and requests. */
    public record BlockIo(long readBytes, long writtenBytes, long reads, long writes) {}

    /** Waiting for what others held; only the tree of version 2 counts it. */
    public record Pressure(Optional<PressureStall> cpu, Optional<PressureStall> memory, Optional<PressureStall> io) {
        public static final Pressure UNKNOWN = new Pressure(Optional.empty(), Optional.empty(), Optional.empty());

        static Pressure in(CgroupDirectory directory) {
            return new Pressure(
                    read(directory, "cpu.pressure"),
                    read(directory, "memory.pressure"),
                    read(directory, "io.pressure"));
        }

        private static Optional<PressureStall> read(CgroupDirectory directory, String file) {
            try {
                return PressureStall.parse(directory.read(file));
            } catch (IOException _) {
                return Optional.empty(); // the kernel was booted with psi=0: EOPNOTSUPP
            }
        }
    }
}
