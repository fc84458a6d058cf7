package io.aestus.metadata;

import static io.aestus.metadata.MetadataNode.ascii;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a metadata service answers to those who ask wrongly, or mean ill. */
class HostileRequestsTest extends MetadataFixture {
    // --- what there is not

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pod",
                "pod/",
                "pod/uuid/",
                "pod/uuids",
                "apps",
                "apps/",
                "apps/web",
                "apps/other/image/id",
                "apps/WEB/image/id",
                "apps/../image/id",
                "apps/web/image",
                "apps/web/image/id/x",
                "../v1/pod/uuid"
            })
    void what_there_is_not_is_not_found(String path) throws IOException {
        assertEquals(404, ask("GET", path).status());
    }

    @ParameterizedTest
    @CsvSource({
        "POST,pod/uuid,'GET, HEAD'", "PUT,pod/manifest,'GET, HEAD'", "DELETE,pod/annotations,'GET, HEAD'",
        "POST,apps/web/image/id,'GET, HEAD'", "GET,pod/hmac/sign,POST", "HEAD,pod/hmac/verify,POST"
    })
    void a_wrong_method_hears_the_right_ones(String method, String path, String allowed) throws IOException {
        Answer answer = ask(method, path);
        assertEquals(405, answer.status());
        assertTrue(answer.head().contains("\r\nAllow: " + allowed + "\r\n"), answer.head());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "//",
                "/acMetadata/v1/pod/uuid",
                "/0123456789abcdef0123456789abcdee/acMetadata/v1/pod/uuid",
                "/0123456789abcdef0123456789abcde/acMetadata/v1/pod/uuid",
                "/x/0123456789abcdef0123456789abcdef"
            })
    void h1_nothing_is_told_without_the_token(String path) throws IOException {
        Answer answer = Answer.of(say(uuid, ascii("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")));
        assertEquals(403, answer.status());
        assertEquals("this is not the token of the pod\n", answer.body());
    }

    // --- hostile requests

    private static final String GET = "GET /" + TOKEN + "/acMetadata/v1/pod/uuid ";
    private static final String POST = "POST /" + TOKEN + "/acMetadata/v1/pod/hmac/sign HTTP/1.1\r\nHost: x\r\n";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";

    private void assertStatus(int status, String request) throws IOException {
        assertEquals(
                status,
                Answer.of(say(uuid, request.getBytes(StandardCharsets.ISO_8859_1)))
                        .status(),
                request);
    }

    @Test
    void requests_that_break_the_rules_of_http_are_refused() throws IOException {
        assertStatus(200, GET + "HTTP/1.0\r\n\r\n");
        assertStatus(200, GET + "HTTP/1.1\nHost: x\n\n");
        assertStatus(200, GET.replace("/0", "http://169.254.0.1/0") + "HTTP/1.1\r\nHost: x\r\n\r\n");
        assertStatus(200, GET.strip() + "?x=1 HTTP/1.1\r\nhOST:\tx \r\nMetadata-Flavor: AppContainer\r\n\r\n");
        assertStatus(400, "hello\r\n");
        assertStatus(400, "\0\0\0\0\r\n");
        assertStatus(400, "get / HTTP/1.1\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost : x\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n");
        assertStatus(400, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
        assertStatus(505, GET + "HTTP/2.0\r\n\r\n");
        assertStatus(414, "GET /" + "a".repeat(9000) + " HTTP/1.1\r\n\r\n");
        assertStatus(431, GET + "HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20000) + "\r\n\r\n");
        assertStatus(431, GET + "HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(64) + "\r\n");
    }

    @Test
    void bodies_must_say_what_they_are() throws IOException {
        assertStatus(411, POST + FORM + "\r\n");
        assertStatus(411, POST + FORM + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        assertStatus(411, POST + FORM + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\ncontent=a");
        assertStatus(400, POST + FORM + "Content-Length: 9\r\nContent-Length: 8\r\n\r\ncontent=a");
        assertStatus(400, POST + FORM + "Content-Length: -1\r\n\r\n");
        assertStatus(400, POST + FORM + "Content-Length: 99999999999999999999\r\n\r\n");
        assertStatus(413, POST + FORM + "Content-Length: 1048577\r\n\r\n" + "a".repeat(1048577));
        assertStatus(415, POST + "Content-Length: 9\r\n\r\ncontent=a");
        assertStatus(415, POST + "Content-Type: application/json\r\nContent-Length: 9\r\n\r\ncontent=a");
        assertStatus(200, POST + FORM.replace("\r", "; charset=UTF-8\r") + "Content-Length: 9\r\n\r\ncontent=a");
        assertStatus(200, POST + FORM + "Content-Length: 1048576\r\n\r\ncontent=" + "a".repeat(1048568));
    }

    @Test
    void who_waits_is_told_to_go_on_unless_his_body_would_be_refused() throws IOException {
        String waits = "Expect: 100-continue\r\n";
        String said = say(uuid, ascii(POST + FORM + waits + "Content-Length: 9\r\n\r\ncontent=a"));
        assertTrue(said.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), said);
        assertStatus(413, POST + FORM + waits + "Content-Length: 1048577\r\n\r\n");
    }

    @Test
    void who_goes_away_gets_nothing() throws IOException {
        assertEquals("", say(uuid, new byte[0]));
        for (String part :
                List.of("GE", GET, GET + "HTTP/1.1\r\nHost: x\r\n", POST + FORM + "Content-Length: 9\r\n\r\ncont")) {
            assertThrows(IOException.class, () -> say(uuid, ascii(part)), part);
        }
    }
}
