package io.aestus.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Platform;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import io.aestus.trust.OpenPgpKey;
import io.aestus.trust.Scope;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A node with its store and keys, and the web of example.com, which it reaches through a proxy. */
final class Site implements AutoCloseable {
    static final Platform PLATFORM = new Platform("linux", "amd64");
    private static final TestAuthority AUTHORITY = new TestAuthority();

    final TestServer server;
    final TestSigner signer = new TestSigner();
    final ImageStore store;
    final KeyStore keys;
    final ImageFetcher fetcher;
    final FetchConfig config;

    private final TestProxy proxy;
    private final Path data;

    Site(Path dir) throws IOException {
        server = TestServer.https(AUTHORITY.serverFor("example.com", "dl.example.com", "localhost"));
        proxy = new TestProxy(server.port());
        data = dir.resolve("data");
        store = ImageStore.open(StoreLayout.of(data));
        keys = KeyStore.open(List.of(dir.resolve("trustedkeys")), InstantSource.system());
        Path ca = AUTHORITY.writeTo(dir.resolve("ca.pem"));
        config = new FetchConfig(
                Optional.of(ca), Credentials.NONE, Proxies.of(Map.of("HTTPS_PROXY", proxy.url())), "test");
        fetcher = new ImageFetcher(store, keys, config, InstantSource.system(), PLATFORM);
    }

    /** Trusts the site's own signer for {@code prefix}. */
    Site trusting(String prefix) {
        OpenPgpKey key = OpenPgpKey.readAll(signer.publicKey(), "key").getFirst();
        keys.add(new Scope.Prefix(AcIdentifier.parse(prefix)), key);
        return this;
    }

    /** Serves a discovery page at {@code path} of every host. */
    Site page(String path, String... metas) {
        String body = "<html><head>" + String.join("\n", metas) + "</head><body>hello</body></html>";
        server.serves(path, body.getBytes(UTF_8));
        return this;
    }

    /** Discovery for all of example.com, by name and version on dl.example.com. */
    Site discoverable() {
        return page(
                "/",
                "<meta name='ac-discovery' content='example.com https://dl.example.com/{name}-{version}.{ext}'>",
                "<meta name='ac-discovery-pubkeys' content='example.com https://dl.example.com/keys.asc'>");
    }

    /** Serves {@code aci} and this signer's signature of it. */
    TestContent publish(String path, byte[] aci) {
        var content = new TestContent(aci, "\"" + Integer.toHexString(java.util.Arrays.hashCode(aci)) + "\"");
        server.on(path, content);
        server.serves(path + ".asc", signer.sign(aci));
        return content;
    }

    static URI url(String path) {
        return URI.create("https://dl.example.com" + path);
    }

    static ImageReference reference(String text) {
        return ImageReference.parse(text);
    }

    /** What is left of unfinished work on disk. */
    List<String> leftovers() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(file ->
                            file.startsWith(data.resolve("staging")) || file.startsWith(data.resolve("downloads")))
                    .filter(file -> file.getNameCount() > data.getNameCount() + 1)
                    .map(file -> data.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
        proxy.close();
        server.close();
    }
}
