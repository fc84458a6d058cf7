package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.Aci;
import io.aestus.appc.App;
import io.aestus.fetch.TestSigner;
import io.aestus.operator.Tool;
import io.aestus.testing.PackedProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way from a name to a running app: discovery over https at port 443, in a network of its own where example.com is
 * this machine. Once with the authority in a file of its own, once with it among those of the system.
 */
@Tag("host")
class RunByNameTest {
    private static final String NAMES = """
            set -e
            cd %1$s
            trap 'kill $(jobs -p); wait' EXIT
            ip link set lo up
            echo 127.0.0.1 localhost example.com >hosts
            mount --bind hosts /etc/hosts
            aestus() { %2$s --config-dir config --dir "$1" "${@:2}" 2>&1; }
            %2$s repo serve published --host example.com --listen 127.0.0.1:443 --write-ca ca.pem >serve.log 2>&1 &
            until grep -qs serving serve.log; do kill -0 $! || { cat serve.log; exit 1; }; sleep 0.05; done
            """;

    @TempDir
    Path dir;

    private Path publish() throws IOException {
        var signer = new TestSigner();
        Path published = Files.createDirectory(dir.resolve("published"));
        byte[] tar = Aci.named("example.com/shop/hello")
                .version("1.0")
                .manifest(manifest -> manifest.withApp(App.running(List.of("/bin/busybox", "echo", "it", "runs"))
                        .build()))
                .directory("bin")
                .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/bin/busybox")))
                .tar();
        Files.write(published.resolve("hello.aci"), tar);
        Files.write(published.resolve("hello.aci.asc"), signer.sign(tar));
        return Files.write(dir.resolve("key.asc"), signer.publicKey());
    }

    private static Optional<Path> systemBundle() {
        return Stream.of(
                        "/etc/ssl/certs/ca-certificates.crt",
                        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                        "/etc/ssl/ca-bundle.pem")
                .map(Path::of)
                .filter(Files::isReadable)
                .findFirst();
    }

    private List<String> inside(String script) throws IOException, InterruptedException {
        String whole = NAMES.formatted(dir, String.join(" ", PackedProgram.aestus())) + script;
        return Tool.named("unshare")
                .run("--mount", "--net", "--propagation", "private", "bash", "-c", whole)
                .orFail()
                .output()
                .lines()
                .toList();
    }

    @Test
    void a_signed_image_runs_by_its_name_alone() throws IOException, InterruptedException {
        Path busybox = Path.of("/bin/busybox");
        assumeTrue(Files.isExecutable(busybox), "there is no " + busybox);
        Optional<Path> bundle = systemBundle();
        assumeTrue(bundle.isPresent(), "this system has no bundle of certificate authorities");
        Path key = publish();
        new Shell(dir)
                .run("trust", "--prefix", "example.com/shop", "--skip-review", key.toString())
                .ok();

        List<String> said = inside("""
                aestus a run example.com/shop/hello || echo "code $?"
                aestus a --ca-file ca.pem run example.com/shop/hello
                cat %s ca.pem >all.pem
                mount --bind all.pem %1$s
                aestus b run example.com/shop/hello:1.0
                """.formatted(bundle.orElseThrow().toRealPath()));

        assertEquals(
                List.of(
                        "aestus: cannot fetch https://example.com/shop/hello?ac-discovery=1: its certificate is not trusted:"
                                + " unable to find valid certification path to requested target",
                        "  try: give the authority of its certificate with --ca-file FILE",
                        "code 254",
                        "it runs",
                        "it runs"),
                said);
    }
}
