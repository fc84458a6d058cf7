package io.aestus.linux;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What {@link Mounts#change} does to a mount. Immutable; begin with {@link #setting} or {@link #propagation}.
 *
 * @param userNamespace as which owners are seen from now on: only a detached mount that has no mapping yet takes one
 * @param depth whether mounts below change too
 */
public record MountChange(
        Set<MountAttribute> set,
        Set<MountAttribute> clear,
        Propagation propagation,
        Optional<Fd> userNamespace,
        Depth depth) {

    /** Whether mounts made here appear elsewhere too, and the other way round: {@code MS_…} of {@code <linux/mount.h>}. */
    public enum Propagation {
        UNCHANGED(0),
        PRIVATE(0x4_0000),
        SLAVE(0x8_0000),
        SHARED(0x10_0000),
        UNBINDABLE(0x2_0000);

        private final long flag;

        Propagation(long flag) {
            this.flag = flag;
        }

        long flag() {
            return flag;
        }
    }

    /** How far down a call reaches. */
    public enum Depth {
        THIS_MOUNT,
        WHOLE_TREE
    }

    public MountChange {
        set = Set.copyOf(set);
        clear = Set.copyOf(clear);
    }

    public static MountChange setting(MountAttribute... attributes) {
        var none = EnumSet.noneOf(MountAttribute.class);
        var some = Set.copyOf(Arrays.asList(attributes));
        return new MountChange(some, none, Propagation.UNCHANGED, Optional.empty(), Depth.THIS_MOUNT);
    }

    public static MountChange propagation(Propagation propagation) {
        return setting().with(propagation);
    }

    public MountChange clearing(MountAttribute... attributes) {
        return new MountChange(set, Set.copyOf(Arrays.asList(attributes)), propagation, userNamespace, depth);
    }

    public MountChange with(Propagation newPropagation) {
        return new MountChange(set, clear, newPropagation, userNamespace, depth);
    }

    /**
     * The same, and owners are seen as {@code namespace} maps them.
     *
     * @param namespace a user namespace other than the initial one, lent until the change is made
     */
    public MountChange mappedInto(Fd namespace) {
        return new MountChange(set, clear, propagation, Optional.of(namespace), depth);
    }

    public MountChange throughout() {
        return new MountChange(set, clear, propagation, userNamespace, Depth.WHOLE_TREE);
    }
}
