package io.aestus.executor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The tree of an image with the tools of one busybox, and two users. */
final class BusyboxTree {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> TOOLS = List.of("""
            sh cat echo ls id hostname mount umount mkdir touch stat sleep true false kill ps env pwd readlink
            grep test chmod chown unshare nsenter chroot mknod dd ip head wc rm ln setsid tty stty ulimit sort
            seq pivot_root dmesg date su nc od tr cut sed yes timeout find cp
            """.split("\\s+"));

    private BusyboxTree() {}

    static void make(Path image) throws IOException {
        Path bin = Files.createDirectories(image.resolve("bin"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
        }
        Path etc = Files.createDirectories(image.resolve("etc"));
        Files.writeString(
                etc.resolve("passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home/web:/bin/sh\n");
        Files.writeString(etc.resolve("group"), "root:x:0:\nweb:x:1001:\nextra:x:1002:web\n");
        Files.createDirectories(image.resolve("tmp"));
    }
}
