package io.aestus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that tests start are of the classes under test, and start from their cache. */
class PackedProgramTest {
    @TempDir
    Path dir;

    /** A program of the tests: it says whence two classes are. */
    static final class Places {
        private Places() {}

        public static void main(String[] args) {
            for (Class<?> each : List.of(Places.class, io.aestus.Problem.class)) {
                System.out.println(each.getProtectionDomain().getCodeSource().getLocation());
            }
        }
    }

    /** The JVM refuses to start when it must use a cache and cannot. */
    private static String withCache(List<String> command, String... words) throws IOException, InterruptedException {
        var line = new ArrayList<>(command);
        line.add(1, "-XX:AOTMode=on");
        line.addAll(List.of(words));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    @Test
    void the_command_line_starts_from_its_cache_wherever_it_is_reached() throws Exception {
        assertTrue(withCache(PackedProgram.aestus(), "version").startsWith("aestus "));
        Path link = Files.createSymbolicLink(dir.resolve("elsewhere"), PackedProgram.directory());
        assertTrue(withCache(PackedProgram.aestus(link), "version").startsWith("aestus "));
    }

    @Test
    void a_program_of_the_tests_has_the_packed_classes() throws Exception {
        List<String> places = withCache(PackedProgram.of(Places.class)).lines().toList();
        assertTrue(places.getFirst().endsWith("/test-classes/"), places::toString);
        assertEquals(PackedProgram.jar().toUri().toString(), places.getLast().replace("file:/", "file:///"));
    }

    @Test
    void every_class_under_test_is_in_the_jar_as_it_was_compiled() throws Exception {
        Path compiled = Path.of(io.aestus.Problem.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (var jar = new java.util.jar.JarFile(PackedProgram.jar().toFile());
                var all = Files.walk(compiled)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                var entry = jar.getJarEntry(compiled.relativize(file).toString());
                try (var content = jar.getInputStream(entry)) {
                    assertEquals(-1, mismatch(content.readAllBytes(), Files.readAllBytes(file)), file.toString());
                }
            }
        }
    }

    private static int mismatch(byte[] one, byte[] other) {
        return java.util.Arrays.mismatch(one, other);
    }
}
