package io.aestus.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs short commands in an empty directory so that the class cache that is being made knows their classes. */
final class Training {
    private static final String MANIFEST = """
            {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/training",
             "labels": [{"name": "version", "value": "1"}], "app": {"exec": ["/x"], "user": "0", "group": "0"}}
            """;

    private Training() {}

    /** {@code args[0]}: an empty directory to work in. */
    public static void main(String[] args) throws IOException {
        var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        var aestus = new Aestus(nowhere, nowhere, Map.of("AESTUS_DIR", args[0] + "/data"));
        String manifest =
                Files.writeString(Path.of(args[0], "manifest.json"), MANIFEST).toString();
        String root = Files.createDirectory(Path.of(args[0], "rootfs")).toString();
        String image = args[0] + "/training.aci";
        for (var words : List.of(
                List.of("version", "--debug"),
                List.of("--help"),
                List.of("help", "version"),
                List.of("nonsense"),
                List.of("image", "build", "--manifest", manifest, root, image),
                List.of("--insecure-options=image", "fetch", image),
                List.of("image", "list"),
                List.of("image", "list", "--format=json"),
                List.of("image", "list", "--format=yaml"),
                List.of("list"),
                List.of("list", "--format=json"),
                List.of("status", "00000000"),
                List.of("logs", "00000000"),
                List.of("rm", "00000000"),
                List.of("doctor"),
                List.of("config"))) {
            aestus.run(words); // what fails, for want of rights, still loads its classes
        }
        System.out.print(Version.text());
    }
}
