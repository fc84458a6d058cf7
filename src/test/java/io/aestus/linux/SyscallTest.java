package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares our numbers with the headers that this machine has; a call newer than the headers is left out. */
class SyscallTest {
    private static final Pattern DEFINITION = Pattern.compile("#define __NR(?:3264)?_(\\w+) (\\d+)");

    @Test
    void numbers_on_x86_are_those_of_the_headers() throws IOException {
        compare(Architecture.X86_64, Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"));
    }

    @Test
    void numbers_on_aarch64_are_those_of_the_generic_table() throws IOException {
        compare(Architecture.AARCH64, Path.of("/usr/include/asm-generic/unistd.h"));
    }

    private static void compare(Architecture architecture, Path header) throws IOException {
        assumeTrue(Files.exists(header), "no kernel header " + header);
        Map<String, Integer> expected = new HashMap<>();
        Map<String, Integer> actual = new HashMap<>();
        Map<String, Integer> defined = definitions(header);
        for (Syscall call : Syscall.values()) {
            String name =
                    call == Syscall.NEWFSTATAT && architecture == Architecture.AARCH64 ? "fstatat" : call.kernelName();
            if (defined.containsKey(name)) {
                expected.put(name, defined.get(name));
                actual.put(name, call.number(architecture));
            }
        }
        assertEquals(expected, actual);
    }

    private static Map<String, Integer> definitions(Path header) throws IOException {
        Map<String, Integer> result = new HashMap<>();
        for (String line : Files.readAllLines(header)) {
            var definition = DEFINITION.matcher(line);
            if (definition.lookingAt()) {
                result.put(definition.group(1), Integer.valueOf(definition.group(2)));
            }
        }
        return result;
    }
}
