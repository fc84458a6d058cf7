package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyscallTableTest {
    private static final Pattern DEFINITION = Pattern.compile("#define __NR(?:3264)?_(\\w+)\\s+(\\d+)");

    @ParameterizedTest
    @CsvSource({
        "X86_64, /usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "I386, /usr/include/x86_64-linux-gnu/asm/unistd_32.h"
    })
    void the_table_agrees_with_the_installed_headers(SyscallAbi abi, Path header) throws IOException {
        assumeTrue(Files.exists(header), "no kernel headers at " + header);
        Map<String, Integer> installed = definitions(header);
        assertTrue(installed.size() > 300, "cannot read " + header);
        var table = SyscallTable.of(abi);
        installed.forEach((name, number) -> assertEquals(OptionalInt.of(number), table.number(name), name));
    }

    @Test
    void aarch64_has_the_generic_numbers() throws IOException {
        Path header = Path.of("/usr/include/asm-generic/unistd.h");
        assumeTrue(Files.exists(header), "no kernel headers at " + header);
        Map<String, Integer> generic = definitions(header);
        var table = SyscallTable.of(SyscallAbi.AARCH64);
        for (String name : table.names()) {
            int number = table.number(name).orElseThrow();
            if (number <= 450 && generic.containsKey(name)) { // the newest that these headers have
                assertEquals(generic.get(name), number, name);
            }
        }
        assertTrue(table.names().size() > 300);
    }

    private static Map<String, Integer> definitions(Path header) throws IOException {
        var found = new TreeMap<String, Integer>();
        for (String line : Files.readAllLines(header)) {
            var definition = DEFINITION.matcher(line);
            if (definition.lookingAt()) {
                found.put(definition.group(1), Integer.valueOf(definition.group(2)));
            }
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource(Syscall.class)
    void the_calls_we_make_have_the_numbers_of_the_tables(Syscall call) {
        check(call, SyscallAbi.X86_64, Architecture.X86_64);
        check(call, SyscallAbi.AARCH64, Architecture.AARCH64);
    }

    private static void check(Syscall call, SyscallAbi abi, Architecture architecture) {
        OptionalInt number = SyscallTable.of(abi).number(call.kernelName());
        assertEquals(OptionalInt.of(call.number(architecture)), number, abi + " " + call);
    }

    @ParameterizedTest
    @EnumSource(SyscallAbi.class)
    void each_number_has_one_name(SyscallAbi abi) {
        var table = SyscallTable.of(abi);
        for (String name : table.names()) {
            assertEquals(name, table.name(table.number(name).orElseThrow()).orElseThrow());
        }
        assertEquals(470, table.highest());
        assertEquals(OptionalInt.empty(), table.number("no_such_call"));
    }
}
