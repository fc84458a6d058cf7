package io.aestus.executor;

import java.time.Instant;

/**
 * What an app, or a whole pod, has used. −1 for what this host does not count.
 *
 * @param at when it was read
 * @param cpuNanos processor time since the start
 * @param memoryBytes memory charged, caches included
 * @param workingSetBytes memory that cannot be given back easily
 * @param rssBytes anonymous memory
 * @param pageFaults since the start
 * @param majorPageFaults since the start
 * @param swapBytes memory swapped out
 * @param processes how many threads there are
 * @param readBytes read from block devices
 * @param writtenBytes written to block devices
 */
public record AppUsage(
        Instant at,
        long cpuNanos,
        long memoryBytes,
        long workingSetBytes,
        long rssBytes,
        long pageFaults,
        long majorPageFaults,
        long swapBytes,
        long processes,
        long readBytes,
        long writtenBytes) {}
