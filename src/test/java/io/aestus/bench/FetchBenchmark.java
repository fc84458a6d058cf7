package io.aestus.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aestus.appc.AcIdentifier;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.fetch.PullPolicy;
import io.aestus.fetch.TestAuthority;
import io.aestus.fetch.TestServer;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import io.aestus.trust.OpenPgpKey;
import io.aestus.trust.Scope;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * How long an image of about 500 MB takes from its archive to a stored image, signature and ID checked, beside what the
 * tools of the shell take for the same steps:
 *
 * <pre>
 * FetchBenchmark DIR [RUNS]
 * </pre>
 *
 * <p>DIR should be on tmpfs, and gpg installed. The image is made once and kept in DIR.
 */
public final class FetchBenchmark {
    private static final int WARM_UPS = 2;
    private static final int FILES = 1600;
    private static final int FILE_BYTES = 328_000;
    private static final String NAME = "example.com/bench";

    private final Path dir;
    private final Path archive;

    private FetchBenchmark(Path dir) {
        this.dir = dir;
        this.archive = dir.resolve("bench.aci");
    }

    public static void main(String[] args) throws Exception {
        int runs = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        new FetchBenchmark(Path.of(args[0]).toAbsolutePath()).run(runs);
    }

    private void run(int runs) throws Exception {
        if (!Files.exists(archive)) {
            makeImage();
            shell(
                    "mkdir -p -m 700 gpg && gpg -q --homedir gpg --batch --passphrase '' --quick-gen-key bench@example.com"
                            + " ed25519 sign never && gpg -q --homedir gpg --batch --digest-algo SHA512 --armor"
                            + " --detach-sign bench.aci && gpg --homedir gpg --armor --export > key.asc");
        }
        try (ImageStore store = ImageStore.open(StoreLayout.of(dir.resolve("data")));
                TestServer server = TestServer.https(new TestAuthority().serverFor("localhost"))) {
            server.on("/bench.aci", exchange -> TestServer.sendFile(exchange, archive));
            server.on("/bench.aci.asc", exchange -> TestServer.sendFile(exchange, signature()));
            var fetcher = new ImageFetcher(store, keys(), FetchConfig.PLAIN);
            String url = server.url("/bench.aci").toString();
            new SideBySide(WARM_UPS, runs)
                    .with("`gpg --verify; sha512sum; gzip -d \\| tar x`", () -> timed(this::runPeer))
                    .with("from a file", () -> timed(() -> fetch(fetcher, store, archive.toString())))
                    .with("over https, from a server in the same JVM", () -> timed(() -> fetch(fetcher, store, url)))
                    .print("%d MB that unpack to %d MB"
                            .formatted(Files.size(archive) / 1_000_000, (long) FILES * FILE_BYTES / 1_000_000));
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private static Duration timed(Step step) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        step.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private void fetch(ImageFetcher fetcher, ImageStore store, String reference) throws IOException {
        FetchPolicy policy = FetchPolicy.STANDARD.pulling(PullPolicy.UPDATE).allowing(Insecure.TLS);
        StoredImage image = fetcher.fetch(ImageReference.parse(reference), policy, Progress.NONE);
        store.remove(image.id());
    }

    private void runPeer() throws IOException, InterruptedException {
        shell("gpg -q --homedir gpg --verify bench.aci.asc bench.aci 2>/dev/null && sha512sum bench.aci >/dev/null"
                + " && rm -rf peer && mkdir peer && gzip -dc bench.aci | tar x -C peer && rm -rf peer");
    }

    private void shell(String command) throws IOException, InterruptedException {
        int status = new ProcessBuilder("sh", "-c", command)
                .directory(dir.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException(command + ": status " + status);
        }
    }

    private Path signature() {
        return archive.resolveSibling("bench.aci.asc");
    }

    private KeyStore keys() throws IOException {
        KeyStore keys = KeyStore.open(List.of(dir.resolve("trustedkeys")), InstantSource.system());
        for (OpenPgpKey key : OpenPgpKey.readAll(Files.readAllBytes(dir.resolve("key.asc")), "key.asc")) {
            keys.add(new Scope.Prefix(AcIdentifier.parse(NAME)), key);
        }
        return keys;
    }

    /** Files that gzip to about a third, as programs do. */
    private void makeImage() throws IOException {
        Files.createDirectories(dir);
        var random = new Random(1);
        byte[] words = new byte[1 << 16];
        random.nextBytes(words);
        try (var tar = new TarArchiveOutputStream(
                new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(archive), 1 << 16), 1 << 16))) {
            String manifest = "{\"acKind\": \"ImageManifest\", \"acVersion\": \"0.8.11\", \"name\": \"" + NAME + "\"}";
            add(tar, "manifest", manifest.getBytes(UTF_8));
            add(tar, "rootfs/", new byte[0]);
            for (int i = 0; i < FILES; i++) {
                byte[] content = new byte[FILE_BYTES];
                for (int at = 0; at < content.length; ) {
                    int length = Math.min(8 + random.nextInt(24), content.length - at);
                    System.arraycopy(words, random.nextInt(500) * 32, content, at, length);
                    at += length;
                }
                add(tar, "rootfs/file-" + i, content);
            }
        }
    }

    private static void add(TarArchiveOutputStream tar, String path, byte[] content) throws IOException {
        var entry = new TarArchiveEntry(path);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
