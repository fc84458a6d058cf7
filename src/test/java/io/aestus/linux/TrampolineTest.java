package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Assembles the sources of our machine code, where an assembler is installed, and compares the bytes. */
class TrampolineTest {
    private static final Path SOURCES = Path.of("src/main/asm");

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource
    void the_trampoline_is_what_its_source_says(Architecture architecture) throws Exception {
        assertAssembles("trampoline", architecture, Trampoline.code(architecture));
    }

    @ParameterizedTest
    @EnumSource
    void the_first_process_is_what_its_source_says(Architecture architecture) throws Exception {
        assertAssembles("first", architecture, FirstProcess.code(architecture));
    }

    @ParameterizedTest
    @EnumSource
    void the_loader_begins_as_its_source_says(Architecture architecture) throws Exception {
        byte[] code = Loader.code(architecture, 0);
        int begin = code.length - Trampoline.walk(architecture).length;
        assertAssembles("loader", architecture, Arrays.copyOf(code, begin));
    }

    private void assertAssembles(String name, Architecture architecture, byte[] code) throws Exception {
        String tools =
                switch (architecture) {
                    case X86_64 -> "x86_64-linux-gnu-";
                    case AARCH64 -> "aarch64-linux-gnu-";
                };
        String suffix = architecture == Architecture.X86_64 ? "x86_64" : "aarch64";
        assumeTrue(isInstalled(tools + "as"), "no " + tools + "as");
        Path object = dir.resolve("code.o");
        Path bytes = dir.resolve("code.bin");
        run(
                tools + "as",
                "-o",
                object.toString(),
                SOURCES.resolve(name + "-" + suffix + ".s").toString());
        run(tools + "objcopy", "-O", "binary", "-j", ".text", object.toString(), bytes.toString());
        assertEquals(
                HexFormat.of().formatHex(Files.readAllBytes(bytes)),
                HexFormat.of().formatHex(code),
                "bytes of " + name + "-" + suffix + ".s");
    }

    private static boolean isInstalled(String tool) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor(), String.join(" ", command));
    }
}
