package io.aestus.linux;

import java.util.List;
import java.util.OptionalInt;

/**
 * A device that the members of a cgroup may use; all that no rule names are refused.
 *
 * @param major empty for every major number; likewise {@code minor}
 * @param access what may be done with it
 */
public record DeviceRule(Kind kind, OptionalInt major, OptionalInt minor, Access access) {
    /** Character and block devices have separate numbers. */
    public enum Kind {
        BLOCK('b', 1),
        CHARACTER('c', 2);

        private final char letter;
        private final int number; // BPF_DEVCG_DEV_… of <linux/bpf.h>

        Kind(char letter, int number) {
            this.letter = letter;
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /**
     * What may be done with a device.
     *
     * @param make a node for it; without the others that node cannot be opened
     */
    public record Access(boolean read, boolean write, boolean make) {
        public static final Access ALL = new Access(true, true, true);
        public static final Access MAKE = new Access(false, false, true);
        public static final Access READ = new Access(true, false, false);
        public static final Access READ_WRITE = new Access(true, true, false);

        /** {@code BPF_DEVCG_ACC_…} of {@code <linux/bpf.h>}. */
        int bits() {
            return (make ? 1 : 0) | (read ? 2 : 0) | (write ? 4 : 0);
        }

        @Override
        public String toString() {
            return (read ? "r" : "") + (write ? "w" : "") + (make ? "m" : "");
        }
    }

    /** What every app may use: nodes may be made but not opened, the harmless ones and its terminals be used. */
    public static final List<DeviceRule> STANDARD = List.of(
            new DeviceRule(Kind.CHARACTER, OptionalInt.empty(), OptionalInt.empty(), Access.MAKE),
            new DeviceRule(Kind.BLOCK, OptionalInt.empty(), OptionalInt.empty(), Access.MAKE),
            character(1, 3), // null
            character(1, 5), // zero
            character(1, 7), // full
            character(1, 8), // random
            character(1, 9), // urandom
            character(5, 0), // tty
            character(5, 2), // ptmx
            new DeviceRule(Kind.CHARACTER, OptionalInt.of(136), OptionalInt.empty(), Access.ALL)); // pts

    /** {@code /dev/console}, for an app with a terminal. */
    public static final DeviceRule CONSOLE = character(5, 1);

    /** Everything, for privileged apps. */
    public static final List<DeviceRule> EVERYTHING = List.of(
            new DeviceRule(Kind.CHARACTER, OptionalInt.empty(), OptionalInt.empty(), Access.ALL),
            new DeviceRule(Kind.BLOCK, OptionalInt.empty(), OptionalInt.empty(), Access.ALL));

    /** Full access to one character device. */
    public static DeviceRule character(int major, int minor) {
        return new DeviceRule(Kind.CHARACTER, OptionalInt.of(major), OptionalInt.of(minor), Access.ALL);
    }

    /** The line that {@code devices.allow} of cgroup v1 takes. */
    String line() {
        return "%c %s:%s %s".formatted(kind.letter, number(major), number(minor), access);
    }

    private static String number(OptionalInt number) {
        return number.isPresent() ? Integer.toString(number.getAsInt()) : "*";
    }
}
