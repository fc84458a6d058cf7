package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a public server may not do: choose among the addresses that only this host can reach. */
class BoundaryTest {
    private static final String PUBLIC = "93.184.215.14";

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static Boundary begunAt(String literal) throws IOException {
        var boundary = new Boundary(Fast.POLICY);
        boundary.reach("first.example.com", address(literal));
        boundary.answered("first.example.com");
        return boundary;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "10.1.2.3",
                "172.31.255.255",
                "192.168.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "::ffff:10.0.0.1",
                "::10.0.0.1",
                "fe80::1",
                "fec0::1",
                "fd00:ec2::254",
                "ff02::1",
                "64:ff9b::a00:1",
                "2002:7f00:1::"
            })
    void an_address_inside_is_refused_once_a_public_host_has_answered(String literal) throws IOException {
        Boundary boundary = begunAt(PUBLIC);
        var refusal = assertThrows(
                Boundary.LedInsideException.class, () -> boundary.reach("other.example.com", address(literal)));
        assertEquals(
                "first.example.com is public, but leads to other.example.com at the private address "
                        + address(literal).getHostAddress(),
                refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "64:ff9b::808:808", "192.0.1.1"})
    void a_public_address_is_always_allowed(String literal) throws IOException {
        begunAt(PUBLIC).reach("other.example.com", address(literal));
        begunAt("10.0.0.1").reach("other.example.com", address(literal));
        assertFalse(InsideAddress.isInside(address(literal)));
    }

    @Test
    void who_begins_inside_may_be_led_anywhere() throws IOException {
        Boundary boundary = begunAt("10.0.0.1");
        boundary.reach("other.example.com", address("127.0.0.1"));
        assertFalse(boundary.isClosed());
    }

    @Test
    void a_first_host_that_changes_its_address_to_a_private_one_is_refused() throws IOException {
        Boundary boundary = begunAt(PUBLIC);
        assertThrows(Boundary.LedInsideException.class, () -> boundary.reach("first.example.com", address("10.0.0.1")));
    }

    @Test
    void a_first_host_that_was_private_for_one_request_only_is_public() throws IOException {
        Boundary boundary = begunAt("10.0.0.1");
        boundary.reach("first.example.com", address(PUBLIC));
        assertTrue(boundary.isClosed());
    }

    @Test
    void the_option_opens_it() throws IOException {
        var boundary = new Boundary(Fast.POLICY.allowing(Insecure.PRIVATE));
        boundary.reach("first.example.com", address(PUBLIC));
        boundary.answered("first.example.com");
        boundary.reach("other.example.com", address("10.0.0.1"));
        assertFalse(boundary.isClosed());
    }

    /** Hosts of example.com are reached through a proxy, so they count as public; localhost is reached directly. */
    @Nested
    @Tag("host")
    class Fetching {
        private static final TestImage WEB = TestImage.named("example.com/web").label("version", "1.0");

        @TempDir
        Path dir;

        private Site site;

        @BeforeEach
        void build() throws IOException {
            site = new Site(dir).discoverable().trusting("example.com");
        }

        @AfterEach
        void end() throws IOException {
            site.close();
        }

        private AestusException refused(String reference) {
            return assertThrows(
                    AestusException.class,
                    () -> site.fetcher.fetch(ImageReference.parse(reference), Fast.POLICY, Progress.NONE));
        }

        @Test
        void a_redirect_of_a_public_host_does_not_lead_inside() {
            site.publish("/secret.aci", WEB.aci());
            String inside = site.server.url("/secret.aci.asc").toString();
            site.server.on("/x.aci.asc", exchange -> TestServer.redirect(exchange, inside));
            AestusException refusal = refused("https://dl.example.com/x.aci");
            assertEquals(Problem.DENIED, refusal.problem());
            assertEquals(
                    "cannot fetch https://dl.example.com/x.aci.asc: dl.example.com is public, but leads to localhost"
                            + " at the private address 127.0.0.1",
                    refusal.message());
            assertEquals(
                    "--insecure-options=private, if that is meant",
                    refusal.remedy().orElseThrow());
            assertEquals(List.of(), site.server.requestsFor("/secret.aci.asc"), "nothing was asked there");
        }

        @Test
        void a_discovery_page_of_a_public_host_does_not_lead_inside() {
            site.publish("/secret.aci", WEB.aci());
            URI inside = site.server.url("/secret.");
            site.page("/", "<meta name='ac-discovery' content='example.com " + inside + "{ext}'>");
            assertEquals(Problem.DENIED, refused("example.com/web:1.0").problem());
            assertEquals(List.of(), site.server.requestsFor("/secret.aci.asc"));
        }

        @Test
        void a_discovery_page_of_a_public_host_names_no_keys_inside() {
            site.server.serves("/keys.asc", site.signer.publicKey());
            URI inside = site.server.url("/keys.asc");
            site.page("/", "<meta name='ac-discovery-pubkeys' content='example.com " + inside + "'>");
            var published = new PublishedKeys(site.config, Fast.POLICY);
            assertEquals(List.of(inside), published.places(AcIdentifier.parse("example.com")));
            var refusal = assertThrows(AestusException.class, () -> published.read(inside));
            assertEquals(Problem.DENIED, refusal.problem());
            assertEquals(
                    1,
                    new PublishedKeys(site.config, Fast.POLICY).read(inside).size(),
                    "what the user names may be anywhere");
        }

        @Test
        void an_address_in_a_url_is_refused_behind_a_proxy_too() {
            site.server.on("/x.aci.asc", exchange -> TestServer.redirect(exchange, "https://10.0.0.1/x.aci.asc"));
            assertEquals(Problem.DENIED, refused("https://dl.example.com/x.aci").problem());
        }

        @Test
        void with_the_option_it_may() {
            site.publish("/secret.aci", WEB.aci());
            for (String suffix : List.of("", ".asc")) {
                String inside = site.server.url("/secret.aci" + suffix).toString();
                site.server.on("/x.aci" + suffix, exchange -> TestServer.redirect(exchange, inside));
            }
            var policy = Fast.POLICY.allowing(Insecure.PRIVATE);
            var reference = ImageReference.parse("https://dl.example.com/x.aci");
            assertEquals(
                    WEB.id(),
                    site.fetcher.fetch(reference, policy, Progress.NONE).id());
        }

        @Test
        void plain_http_goes_to_the_address_that_was_looked_at() throws IOException {
            try (var plain = TestServer.http()) {
                plain.serves("/a", new byte[] {1});
                var policy = Fast.POLICY.allowing(Insecure.HTTP);
                var boundary = begunAt(PUBLIC);
                var transport = new HttpTransport(FetchConfig.PLAIN, policy, boundary, () -> {
                    throw new AssertionError("no TLS here");
                });
                assertThrows(Boundary.LedInsideException.class, () -> transport.get(plain.url("/a"), Map.of(), true));
                assertEquals(List.of(), plain.requests());
            }
        }
    }
}
