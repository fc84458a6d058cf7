package io.aestus.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Platform;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers in names are those of the appc checklist, section F. */
class DiscoveryTest {
    /** The pages of a small web; all else is 404. */
    private static final class Web implements PageSource {
        private final Map<String, Page> pages = new HashMap<>();
        private final List<String> asked = new ArrayList<>();

        Web page(String url, String html) {
            pages.put(url + "?ac-discovery=1", new Page(200, html.getBytes(UTF_8)));
            return this;
        }

        Web answers(String url, int status) {
            pages.put(url + "?ac-discovery=1", new Page(status, new byte[0]));
            return this;
        }

        @Override
        public Page get(URI url) {
            asked.add(url.toString().replace("?ac-discovery=1", ""));
            Page page = pages.getOrDefault(url.toString(), new Page(404, new byte[0]));
            if (page.status() == 0) {
                throw new AestusException(Problem.UNAVAILABLE, "cannot fetch " + url + ": no answer");
            }
            return page;
        }
    }

    private final Web web = new Web();

    private static final DiscoveryPolicy STRICT = DiscoveryPolicy.strict(new Platform("linux", "amd64").labels());

    private List<String> images(String query) {
        return images(query, STRICT);
    }

    private List<String> images(String query, DiscoveryPolicy policy) {
        return new Discovery(web, policy)
                .images(ImageQuery.parse(query)).stream()
                        .map(found -> found.image().toString())
                        .toList();
    }

    private static String tag(String content) {
        return "<meta name=\"ac-discovery\" content=\"" + content + "\">";
    }

    @Test
    void the_example_of_the_specification() {
        web.page(
                "https://example.com/reduce-worker",
                tag("example.com https://storage.example.com/{os}/{arch}/{name}-{version}.{ext}"));
        var found = new Discovery(web, STRICT).images(ImageQuery.parse("example.com/reduce-worker:1.0.0"));
        assertEquals(
                List.of(new Endpoint(
                        URI.create("https://storage.example.com/linux/amd64/example.com/reduce-worker-1.0.0.aci"),
                        URI.create("https://storage.example.com/linux/amd64/example.com/reduce-worker-1.0.0.aci.asc"))),
                found);
    }

    @Test
    void f3_only_tags_whose_prefix_ends_with_a_path_element_count() {
        web.page(
                "https://example.community/web",
                tag("example.com https://evil.example/{name}.{ext}")
                        + tag("example.community/we https://evil.example/2/{name}.{ext}")
                        + tag("example.community https://good.example/{name}.{ext}"));
        assertEquals(List.of("https://good.example/example.community/web.aci"), images("example.community/web"));
    }

    @Test
    void f4_variables_are_filled_once_and_a_value_is_never_a_variable() {
        web.page("https://example.com/web", tag("example.com https://dl.example.com/{version}/{os}.{ext}"));
        assertEquals(List.of("https://dl.example.com/1+x~y/plan9.aci"), images("example.com/web:1+x~y,os=plan9"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/b", "a?b", "{os}", "a b", "..", ".", "a#b", "%2e"})
    void j13_a_label_that_could_bend_a_url_is_refused(String value) {
        var refusal = assertThrows(AestusException.class, () -> images("example.com/web,extra=" + value));
        assertEquals(Problem.INVALID, refusal.problem());
        assertEquals(List.of(), web.asked);
    }

    @Test
    void f4_a_template_without_ext_or_with_an_unknown_variable_is_passed_over() {
        web.page(
                "https://example.com/web",
                tag("example.com https://dl.example.com/{name}.aci")
                        + tag("example.com https://dl.example.com/{name}-{flavour}.{ext}")
                        + tag("example.com https://dl.example.com/{name}-{.{ext}")
                        + tag("example.com")
                        + tag("example.com https://dl.example.com/ok.{ext}"));
        assertEquals(List.of("https://dl.example.com/ok.aci"), images("example.com/web"));
    }

    @Test
    void f5_the_best_match_comes_first() {
        web.page(
                "https://example.com/web",
                tag("example.com https://dl.example.com/{name}-latest.{ext}")
                        + tag("example.com https://dl.example.com/{os}/{arch}/{name}-{version}.{ext}")
                        + tag("example.com https://mirror.example.com/{os}/{arch}/{name}-{version}.{ext}"));
        assertEquals(
                List.of(
                        "https://dl.example.com/linux/amd64/example.com/web-1.aci",
                        "https://mirror.example.com/linux/amd64/example.com/web-1.aci",
                        "https://dl.example.com/example.com/web-latest.aci"),
                images("example.com/web:1"));
        assertEquals(
                "https://dl.example.com/example.com/web-latest.aci",
                images("example.com/web").getFirst(),
                "a place for any version beats a version that we make up");
    }

    @Test
    void f6_a_level_without_a_page_or_a_tag_leads_to_its_parent() {
        web.page("https://example.com/a/b", "<p>nothing here")
                .page("https://example.com/a", tag("other.example https://other.example/{name}.{ext}"))
                .page("https://example.com", tag("example.com https://dl.example.com/{name}.{ext}"));
        assertEquals(List.of("https://dl.example.com/example.com/a/b/c.aci"), images("example.com/a/b/c"));
        assertEquals(
                List.of(
                        "https://example.com/a/b/c",
                        "https://example.com/a/b",
                        "https://example.com/a",
                        "https://example.com"),
                web.asked);
    }

    @Test
    void f6_the_first_level_with_a_tag_decides() {
        web.page("https://example.com/a", tag("example.com https://one.example/{name}.{ext}"))
                .page("https://example.com", tag("example.com https://two.example/{name}.{ext}"));
        assertEquals(List.of("https://one.example/example.com/a.aci"), images("example.com/a"));
    }

    @ParameterizedTest
    @CsvSource({"500, UNAVAILABLE", "503, UNAVAILABLE", "0, UNAVAILABLE", "304, UNAVAILABLE"})
    void an_outage_does_not_hand_the_name_to_the_level_above(int status, Problem problem) {
        web.answers("https://example.com/a", status)
                .page("https://example.com", tag("example.com https://two.example/{name}.{ext}"));
        assertEquals(
                problem,
                assertThrows(AestusException.class, () -> images("example.com/a"))
                        .problem());
        assertEquals(List.of("https://example.com/a"), web.asked);
    }

    @Test
    void f9_a_server_that_wants_credentials_is_named_as_such() {
        web.answers("https://example.com/a", 401);
        var refusal = assertThrows(AestusException.class, () -> images("example.com/a"));
        assertEquals(Problem.DENIED, refusal.problem());
        assertEquals(
                "put credentials for the host into auth.d", refusal.remedy().orElseThrow());
    }

    @Test
    void nothing_found_says_where_it_was_looked_for() {
        var refusal = assertThrows(AestusException.class, () -> images("example.com/a"));
        assertEquals(Problem.NOT_FOUND, refusal.problem());
        assertEquals(
                "cannot discover example.com/a: no page from it up to its host has a usable ac-discovery tag",
                refusal.message());
    }

    @Test
    void tags_are_read_wherever_a_browser_sees_them_and_nowhere_else() {
        web.page("https://example.com/web", """
                <!doctype html><title><meta name="ac-discovery" content="example.com https://evil.example/1.{ext}"></title>
                <!-- <meta name="ac-discovery" content="example.com https://evil.example/2.{ext}"> -->
                <script>'<meta name="ac-discovery" content="example.com https://evil.example/3.{ext}">'</script>
                <meta name="AC-Discovery" content="example.com https://evil.example/4.{ext}">
                <body><p><META CONTENT="example.com   https://dl.example.com/5.{ext}" NAME=ac-discovery>
                <meta name='ac-discovery' content='example.com https://dl.example.com/6&amp;7.{ext}'>
                """);
        assertEquals(
                List.of("https://dl.example.com/5.aci", "https://dl.example.com/6&7.aci"), images("example.com/web"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://dl.example.com/x.{ext}",
                "file:///etc/{ext}",
                "hdfs://dl.example.com/x.{ext}",
                "https:///x.{ext}",
                "https://user:pw@dl.example.com/x.{ext}",
                "//dl.example.com/x.{ext}",
                "x.{ext}"
            })
    void j14_places_we_must_not_go_to_are_passed_over(String template) {
        web.page("https://example.com/web", tag("example.com " + template));
        assertEquals(
                Problem.NOT_FOUND,
                assertThrows(AestusException.class, () -> images("example.com/web"))
                        .problem());
    }

    @Test
    void plain_http_is_tried_last_and_only_if_allowed() {
        var lax = new DiscoveryPolicy(true, false, STRICT.defaults());
        web.answers("https://example.com/web", 0)
                .page(
                        "http://example.com/web",
                        tag("example.com http://dl.example.com/x.{ext}")
                                + tag("example.com https://dl.example.com/x.{ext}"));
        assertEquals(
                List.of("https://dl.example.com/x.aci", "http://dl.example.com/x.aci"), images("example.com/web", lax));
        assertThrows(AestusException.class, () -> images("example.com/web"));
    }

    @Test
    void f2_keys_are_found_on_their_own_walk_and_all_of_a_level_count() {
        web.page("https://example.com/web", tag("example.com https://dl.example.com/{name}.{ext}"))
                .page("https://example.com", """
                        <meta name="ac-discovery-pubkeys" content="example.com https://dl.example.com/{name}.asc">
                        <meta name="ac-discovery-pubkeys" content="example.com https://dl.example.com/one.asc">
                        <meta name="ac-discovery-pubkeys" content="other.example https://dl.example.com/no.asc">
                        <meta name="ac-discovery-pubkeys" content="example.com http://dl.example.com/plain.asc">
                        <meta name="ac-discovery-pubkeys" content="example.com https://dl.example.com/two.gpg">
                        """);
        assertEquals(
                List.of(URI.create("https://dl.example.com/one.asc"), URI.create("https://dl.example.com/two.gpg")),
                new Discovery(web, STRICT).keys(AcIdentifier.parse("example.com/web")));
    }

    @Test
    void j16_a_page_of_endless_tags_is_refused() {
        web.page(
                "https://example.com/web",
                tag("example.com https://dl.example.com/x.{ext}").repeat(65));
        var refusal = assertThrows(AestusException.class, () -> images("example.com/web"));
        assertEquals(Problem.EXHAUSTED, refusal.problem());
        web.page(
                "https://example.com/web",
                tag("example.com https://dl.example.com/x.{ext}").repeat(64));
        assertEquals(64, images("example.com/web").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com/a/../b", "example.com/a//b", "example.com/./b", "ex~ample/web"})
    void names_that_are_no_place_on_the_web_are_refused(String name) {
        var refusal = assertThrows(AestusException.class, () -> images(name));
        assertEquals(Problem.INVALID, refusal.problem());
        assertTrue(refusal.message().startsWith("cannot discover '"), refusal.message());
    }
}
