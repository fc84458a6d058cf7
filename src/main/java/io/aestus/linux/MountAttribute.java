package io.aestus.linux;

import java.util.Set;

/** What a mount does to what is reached through it: {@code MOUNT_ATTR_…} of {@code <linux/mount.h>}. */
public enum MountAttribute {
    RDONLY(0x1),
    NOSUID(0x2),
    NODEV(0x4),
    NOEXEC(0x8),
    NOATIME(0x10),
    STRICTATIME(0x20),
    NODIRATIME(0x80),
    NOSYMFOLLOW(0x20_0000);

    /** {@code MOUNT_ATTR__ATIME}: the two access time flags are one field, which is set as a whole. */
    private static final long ATIME_FIELD = 0x70;

    private final long bit;

    MountAttribute(long bit) {
        this.bit = bit;
    }

    static long bits(Set<MountAttribute> attributes) {
        long bits = 0;
        for (MountAttribute attribute : attributes) {
            bits |= attribute.bit;
        }
        return bits;
    }

    /** What to clear before {@code attributes} are set. */
    static long fieldsOf(Set<MountAttribute> attributes) {
        return (bits(attributes) & ATIME_FIELD) == 0 ? 0 : ATIME_FIELD;
    }
}
