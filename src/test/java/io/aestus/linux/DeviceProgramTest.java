package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.DeviceRule.Access;
import io.aestus.linux.DeviceRule.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DeviceProgramTest {
    /** Runs the few instructions that a device program has. */
    private static boolean allows(List<DeviceRule> rules, Kind kind, Access access, int major, int minor) {
        var code = ByteBuffer.wrap(DeviceProgram.of(rules)).order(ByteOrder.LITTLE_ENDIAN);
        int[] context = {access.bits() << 16 | kind.number(), major, minor};
        long[] registers = new long[11];
        for (int at = 0; ; at++) {
            int operation = code.get(at * 8) & 0xff;
            int target = code.get(at * 8 + 1) & 0xf;
            int source = code.get(at * 8 + 1) >> 4 & 0xf;
            int offset = code.getShort(at * 8 + 2);
            int immediate = code.getInt(at * 8 + 4);
            switch (operation) {
                case 0x61 -> registers[target] = Integer.toUnsignedLong(context[offset / 4]);
                case 0xbf -> registers[target] = registers[source];
                case 0xb7 -> registers[target] = immediate;
                case 0x54 -> registers[target] = registers[target] & immediate & 0xffff_ffffL;
                case 0x74 -> registers[target] = (registers[target] & 0xffff_ffffL) >>> immediate;
                case 0x55 -> at += registers[target] == immediate ? 0 : offset;
                case 0x95 -> {
                    return registers[0] == 1;
                }
                default -> throw new AssertionError("instruction %x".formatted(operation));
            }
        }
    }

    @Test
    void the_standard_rules_allow_the_harmless_devices_and_making_any_node() {
        var rules = DeviceRule.STANDARD;
        assertTrue(allows(rules, Kind.CHARACTER, Access.READ_WRITE, 1, 3), "null");
        assertTrue(allows(rules, Kind.CHARACTER, Access.ALL, 136, 77), "a terminal");
        assertTrue(allows(rules, Kind.BLOCK, Access.MAKE, 8, 0));
        assertFalse(allows(rules, Kind.BLOCK, Access.READ, 8, 0), "a disk");
        assertFalse(allows(rules, Kind.BLOCK, Access.READ_WRITE, 1, 3), "a block device of null's number");
        assertFalse(allows(rules, Kind.CHARACTER, Access.READ, 1, 1), "memory");
        assertFalse(allows(rules, Kind.CHARACTER, Access.ALL, 8, 0), "making is allowed, reading not");
    }

    @Test
    void every_combination_is_decided_as_the_rules_read() {
        var rules = List.of(
                new DeviceRule(Kind.BLOCK, OptionalInt.of(8), OptionalInt.empty(), Access.READ),
                new DeviceRule(Kind.CHARACTER, OptionalInt.empty(), OptionalInt.of(2), Access.READ_WRITE),
                DeviceRule.CONSOLE);
        for (Kind kind : Kind.values()) {
            for (int bits = 1; bits < 8; bits++) {
                var access = new Access((bits & 2) != 0, (bits & 4) != 0, (bits & 1) != 0);
                for (int major : new int[] {1, 5, 8}) {
                    for (int minor : new int[] {0, 1, 2}) {
                        assertEquals(
                                rules.stream().anyMatch(rule -> matches(rule, kind, access, major, minor)),
                                allows(rules, kind, access, major, minor),
                                kind + " " + access + " " + major + ":" + minor);
                    }
                }
            }
        }
    }

    private static boolean matches(DeviceRule rule, Kind kind, Access access, int major, int minor) {
        return rule.kind() == kind
                && (access.bits() & ~rule.access().bits()) == 0
                && rule.major().orElse(major) == major
                && rule.minor().orElse(minor) == minor;
    }

    @Test
    void no_rules_allow_nothing() {
        assertFalse(allows(List.of(), Kind.CHARACTER, Access.READ, 1, 3));
        assertTrue(allows(DeviceRule.EVERYTHING, Kind.BLOCK, Access.ALL, 8, 1));
    }

    @Test
    @Tag("host")
    void the_kernels_verifier_takes_it() throws IOException {
        for (var rules : List.of(DeviceRule.STANDARD, DeviceRule.EVERYTHING, List.<DeviceRule>of())) {
            try (Fd program = DeviceFilters.load(rules)) {
                assertTrue(program.isOpen());
            }
        }
    }
}
