package io.aestus.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A set of capabilities. Immutable.
 *
 * @param mask bit n is the capability of number n, as in {@code /proc/PID/status}
 */
public record CapabilitySet(long mask) {
    public static final CapabilitySet NONE = new CapabilitySet(0);

    /** All that we know by name; the running kernel may know fewer (see {@link #upTo}). */
    public static final CapabilitySet ALL = new CapabilitySet((1L << Capability.values().length) - 1);

    /** What an app has whose manifest says nothing: the set that appc and the other runtimes agree on. */
    public static final CapabilitySet STANDARD = of(
            Capability.CHOWN,
            Capability.DAC_OVERRIDE,
            Capability.FOWNER,
            Capability.FSETID,
            Capability.KILL,
            Capability.SETGID,
            Capability.SETUID,
            Capability.SETPCAP,
            Capability.NET_BIND_SERVICE,
            Capability.NET_RAW,
            Capability.SYS_CHROOT,
            Capability.MKNOD,
            Capability.AUDIT_WRITE,
            Capability.SETFCAP);

    /** {@code _LINUX_CAPABILITY_VERSION_3} of {@code <linux/capability.h>}: two words per set. */
    private static final int VERSION_3 = 0x20080522;

    /** Sizes of {@code struct __user_cap_header_struct} and of two {@code struct __user_cap_data_struct}. */
    private static final int HEADER_BYTES = 8;

    private static final int DATA_BYTES = 24;

    public static CapabilitySet of(Capability... capabilities) {
        return of(Arrays.asList(capabilities));
    }

    public static CapabilitySet of(Collection<Capability> capabilities) {
        long mask = 0;
        for (Capability capability : capabilities) {
            mask |= capability.bit();
        }
        return new CapabilitySet(mask);
    }

    public boolean contains(Capability capability) {
        return (mask & capability.bit()) != 0;
    }

    public boolean containsAll(CapabilitySet others) {
        return (mask & others.mask) == others.mask;
    }

    public boolean isEmpty() {
        return mask == 0;
    }

    public CapabilitySet with(CapabilitySet others) {
        return new CapabilitySet(mask | others.mask);
    }

    public CapabilitySet without(CapabilitySet others) {
        return new CapabilitySet(mask & ~others.mask);
    }

    /** Those of them that a kernel knows whose highest number is {@code last} ({@link HostKernel#lastCapability}). */
    public CapabilitySet upTo(int last) {
        return last >= Long.SIZE - 1 ? this : new CapabilitySet(mask & ((1L << (last + 1)) - 1));
    }

    /** The members, by number. */
    public List<Capability> members() {
        var members = new ArrayList<Capability>(Long.bitCount(mask));
        for (Capability capability : Capability.ALL) {
            if (contains(capability)) {
                members.add(capability);
            }
        }
        return members;
    }

    /** The first argument of {@code capset(2)}, for the calling thread. */
    static byte[] header() {
        byte[] header = new byte[HEADER_BYTES];
        ByteBuffer.wrap(header).order(ByteOrder.nativeOrder()).putInt(VERSION_3).putInt(0);
        return header;
    }

    /** The second argument of {@code capset(2)}: the sets word by word, low words first. */
    static byte[] data(CapabilitySet effective, CapabilitySet permitted, CapabilitySet inheritable) {
        byte[] data = new byte[DATA_BYTES];
        ByteBuffer words = ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
        for (int shift = 0; shift <= Integer.SIZE; shift += Integer.SIZE) {
            words.putInt((int) (effective.mask >>> shift));
            words.putInt((int) (permitted.mask >>> shift));
            words.putInt((int) (inheritable.mask >>> shift));
        }
        return data;
    }

    @Override
    public String toString() {
        return members().stream().map(Capability::toString).collect(Collectors.joining(" "));
    }
}
