package io.aestus.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.aci.RawTar.Header;
import io.aestus.oci.OciBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An OCI image of busybox, in layers of each kind, with users, a volume and something that was taken away. */
public final class OciBox {
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private OciBox() {}

    public static OciBuild build() throws IOException {
        assumeTrue(Files.isExecutable(BUSYBOX), "no " + BUSYBOX);
        byte[] busybox = Files.readAllBytes(BUSYBOX);
        var tools = new RawTar()
                .directory("bin")
                .header(new Header("bin/busybox", '0', busybox.length).mode(0755))
                .padded(busybox);
        for (String tool : List.of("sh", "cat", "id", "ls", "sleep", "pwd", "stat", "echo", "touch")) {
            tools.symlink("bin/" + tool, "busybox");
        }
        return new OciBuild()
                .layer(tools)
                .layer(
                        new RawTar()
                                .directory("etc")
                                .file("etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:1001:1002::/home/web:/bin/sh\n")
                                .file("etc/group", "root:x:0:\nweb:x:1002:\nextra:x:1003:other,web\n")
                                .file("etc/gone", "gone")
                                .directory("old")
                                .file("old/a", "a")
                                .header(new Header("data", '5', 0)
                                        .mode(0750)
                                        .octal(108, 8, 1001)
                                        .octal(116, 8, 1002))
                                .header(new Header("data/seed", '0', 4)
                                        .octal(108, 8, 1001)
                                        .octal(116, 8, 1002))
                                .padded(new byte[] {'s', 'e', 'e', 'd'}),
                        Compression.ZSTD)
                .layer(
                        new RawTar()
                                .directory("etc")
                                .file("etc/.wh.gone", "")
                                .directory("old")
                                .file("old/.wh..wh..opq", "")
                                .file("old/b", "b"),
                        Compression.NONE)
                .runs("""
                        "User":"web","Entrypoint":["sh","-c"],"Cmd":["echo default"],"WorkingDir":"/srv/made",
                        "Env":["PATH=/bin","GREETING=hello"],"Volumes":{"/data":{}},"StopSignal":"SIGUSR1",
                        "Labels":{"team":"shop"}""");
    }
}
