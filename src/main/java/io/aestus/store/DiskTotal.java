package io.aestus.store;

/**
 * What something takes on disk, as the file system counts.
 *
 * @param bytes of allocated blocks
 * @param inodes files, directories and all else that has a number
 */
public record DiskTotal(long bytes, long inodes) {
    DiskTotal plus(DiskTotal other) {
        return new DiskTotal(bytes + other.bytes, inodes + other.inodes);
    }
}
