package io.aestus.bench;

import io.aestus.aci.Aci;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small image that has what the benchmarks run: busybox, linked statically. */
final class BusyboxImage {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> TOOLS = List.of("true", "sh", "sleep");

    private BusyboxImage() {}

    /** The image, as an archive. */
    static byte[] archive() throws IOException {
        Aci image = Aci.named("example.com/busybox")
                .directory("bin")
                .directory("etc")
                .file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX));
        TOOLS.forEach(tool -> image.symlink("bin/" + tool, "busybox"));
        return image.tar();
    }

    /** The same as a directory, with what other runtimes want to find. */
    static Path rootfs(Path place) throws IOException {
        Path bin = Files.createDirectories(place.resolve("bin"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
        }
        for (String name : List.of("etc", "proc", "sys", "dev")) {
            Files.createDirectory(place.resolve(name));
        }
        return place;
    }
}
