package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("host")
class RepoServeCommandTest {
    @TempDir
    Path dir;

    @Test
    @Timeout(60)
    void serves_over_tls_with_a_certificate_that_it_wrote_before() throws Exception {
        Aci image = Aci.named("localhost/web").version("1").file("x", "y");
        Path published = Files.createDirectory(dir.resolve("published"));
        Files.write(published.resolve("web.aci"), image.tar());
        Path ca = dir.resolve("ca.pem");
        var reading = new PipedInputStream();
        var out = new PrintStream(new PipedOutputStream(reading), true, StandardCharsets.UTF_8);
        var aestus = new Aestus(out, new PrintStream(PrintStream.nullOutputStream()), Map.of());
        Thread server = Thread.ofPlatform()
                .start(() -> aestus.run(List.of(
                        "repo", "serve", published.toString(), "--listen=127.0.0.1:0", "--write-ca", ca.toString())));
        try {
            String line = new Scanner(reading, StandardCharsets.UTF_8).nextLine();
            assertTrue(line.matches("serving .* on https://127.0.0.1:\\d+"), line);
            String url = "https://localhost" + line.substring(line.lastIndexOf(':')) + "/web.aci";
            String id = new Shell(dir)
                    .run("--ca-file", ca.toString(), "--insecure-options=image", "fetch", "--full", url)
                    .ok();
            assertEquals(image.id() + "\n", id);
        } finally {
            server.interrupt();
            server.join();
        }
    }

    @Test
    void words_that_make_no_sense_are_refused() throws IOException {
        Shell shell = new Shell(dir);
        String published = Files.createDirectory(dir.resolve("published")).toString();
        assertTrue(shell.run("repo", "serve").fails(2).contains("usage: aestus repo serve"));
        assertTrue(shell.run("repo", "serve", "--cert=x", published)
                .fails(2)
                .startsWith("aestus: --cert and --key go together"));
        assertTrue(
                shell.run("repo", "serve", "--listen=here", published).fails(2).contains("expected ADDRESS:PORT"));
        assertTrue(shell.run("repo", "serve", dir.resolve("none").toString())
                .fails(254)
                .contains("no such directory"));
    }
}
