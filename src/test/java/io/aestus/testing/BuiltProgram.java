package io.aestus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Small programs for images, of no library: in C, built once. A test that needs one is skipped where there is no compiler. */
public final class BuiltProgram {
    private static final Path COMPILER = Path.of("/usr/bin/gcc");
    private static final Path BUILT = Path.of("target", "test-programs");

    private BuiltProgram() {}

    /** Puts {@code tell} there: it sends its arguments to {@code NOTIFY_SOCKET}, in the way of sd_notify. */
    public static void tell(Path directory) throws IOException, InterruptedException {
        copy("tell", directory);
    }

    /** Puts {@code serve} there: it takes over sockets in the way of sd_listen_fds, and answers whoever connects. */
    public static void serve(Path directory) throws IOException, InterruptedException {
        copy("serve", directory);
    }

    private static synchronized void copy(String name, Path directory) throws IOException, InterruptedException {
        Path program = BUILT.resolve(name);
        Path source = Path.of("src/test/resources/io/aestus/testing", name + ".c");
        if (!Files.exists(program)
                || Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) < 0) {
            build(source, program);
        }
        Files.copy(program, directory.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static void build(Path source, Path program) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(COMPILER), "no gcc to build " + program.getFileName() + " with");
        Files.createDirectories(BUILT);
        Path half = Files.createTempFile(BUILT, "half", "");
        var compiler = new ProcessBuilder(
                        COMPILER.toString(), "-static", "-O1", "-Wall", "-o", half.toString(), source.toString())
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor(), "gcc");
        Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(half, program, StandardCopyOption.REPLACE_EXISTING);
    }
}
