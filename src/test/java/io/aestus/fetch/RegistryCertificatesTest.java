package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.store.OciImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Certificates of a registry as Docker has them, in files beside each other. */
class RegistryCertificatesTest extends PullsFromRegistry {
    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final TestAuthority STRANGER = new TestAuthority();

    private Path open(TestServer server) throws IOException {
        registry = TestRegistry.at(server).push("web", "1", web());
        return Files.createDirectories(temp.resolve("config/certs.d").resolve(registry.name()));
    }

    private void comes() throws IOException {
        assertEquals(OciImages.idOf(web().config()), pull(web("1")).id());
        store.remove(OciImages.idOf(web().config()));
    }

    @Test
    void authorities_are_all_files_that_end_so() throws IOException {
        Path dir = open(TestServer.https(AUTHORITY.serverFor("localhost")));
        assertThrows(AestusException.class, () -> pull(web("1")));
        STRANGER.writeTo(dir.resolve("other.crt"));
        assertThrows(AestusException.class, () -> pull(web("1")));
        AUTHORITY.writeTo(dir.resolve("ca.crt"));
        comes();
    }

    @Test
    void a_server_is_shown_our_certificate() throws IOException {
        Path dir = open(TestServer.httpsForClients(AUTHORITY.serverFor("localhost")));
        AUTHORITY.writeTo(dir.resolve("ca.crt"));
        assertThrows(AestusException.class, () -> pull(web("1")), "nobody knows who asks");
        TestAuthority.Client client = AUTHORITY.client(Files.createDirectories(temp.resolve("client")));
        Files.copy(client.certificate(), dir.resolve("client.cert"));
        refused(web("1"), Problem.INVALID, "client.cert: client.key is missing beside it");
        Files.copy(client.pkcs8(), dir.resolve("client.key"));
        comes();
        Files.delete(dir.resolve("client.cert"));
        refused(web("1"), Problem.INVALID, "client.key: client.cert is missing beside it");
    }

    @Test
    void a_hosts_toml_beside_them_says_what_counts() throws IOException {
        Path dir = open(TestServer.https(AUTHORITY.serverFor("localhost")));
        AUTHORITY.writeTo(dir.resolve("ca.crt"));
        hosts(registry.name(), "");
        assertThrows(AestusException.class, () -> pull(web("1")));
        hosts(registry.name(), "ca = \"ca.crt\"");
        comes();
    }
}
