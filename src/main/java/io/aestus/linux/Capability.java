package io.aestus.linux;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One of the powers into which Linux splits root, with the kernel's number.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/capabilities.7.html">capabilities(7)</a>
 */
public enum Capability {
    CHOWN(0),
    DAC_OVERRIDE(1),
    DAC_READ_SEARCH(2),
    FOWNER(3),
    FSETID(4),
    KILL(5),
    SETGID(6),
    SETUID(7),
    SETPCAP(8),
    LINUX_IMMUTABLE(9),
    NET_BIND_SERVICE(10),
    NET_BROADCAST(11),
    NET_ADMIN(12),
    NET_RAW(13),
    IPC_LOCK(14),
    IPC_OWNER(15),
    SYS_MODULE(16),
    SYS_RAWIO(17),
    SYS_CHROOT(18),
    SYS_PTRACE(19),
    SYS_PACCT(20),
    SYS_ADMIN(21),
    SYS_BOOT(22),
    SYS_NICE(23),
    SYS_RESOURCE(24),
    SYS_TIME(25),
    SYS_TTY_CONFIG(26),
    MKNOD(27),
    LEASE(28),
    AUDIT_WRITE(29),
    AUDIT_CONTROL(30),
    SETFCAP(31),
    MAC_OVERRIDE(32),
    MAC_ADMIN(33),
    SYSLOG(34),
    WAKE_ALARM(35),
    BLOCK_SUSPEND(36),
    AUDIT_READ(37),
    PERFMON(38),
    BPF(39),
    CHECKPOINT_RESTORE(40);

    /** All of them, by number. */
    static final List<Capability> ALL = List.of(values());

    private static final String PREFIX = "CAP_";

    private final int number;
    /** What giving it up is called. */
    private final String dropping = "drop " + this;

    Capability(int number) {
        this.number = number;
    }

    /**
     * The capability called {@code text}, as people write it: {@code CAP_NET_ADMIN}, {@code net_admin}; empty if there is
     * none.
     */
    public static Optional<Capability> find(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith(PREFIX) ? upper.substring(PREFIX.length()) : upper;
        for (Capability capability : values()) {
            if (capability.name().equals(name)) {
                return Optional.of(capability);
            }
        }
        return Optional.empty();
    }

    /** The kernel's number, as {@code prctl(PR_CAPBSET_DROP)} takes it. */
    public int number() {
        return number;
    }

    String dropping() {
        return dropping;
    }

    /** The bit in a set of capabilities. */
    long bit() {
        return 1L << number;
    }

    /** The name with its prefix, as manifests write it. */
    @Override
    public String toString() {
        return PREFIX + name();
    }
}
