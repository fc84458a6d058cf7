package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    @ParameterizedTest
    @ValueSource(strings = {"/x", "./x", "../x", "a/../b", "web.aci", "dir/web.aci"})
    void paths(String text) {
        assertEquals(
                Path.of(text).toAbsolutePath().normalize(),
                assertInstanceOf(ImageReference.Archive.class, ImageReference.parse(text))
                        .path());
    }

    @Test
    void what_is_a_file_here_is_a_path_whatever_it_looks_like(@TempDir Path dir) throws IOException {
        Path file = Files.createFile(dir.resolve("web"));
        assertEquals(new ImageReference.Archive(file), ImageReference.parse(file.toString()));
        assertEquals(new ImageReference.Archive(Path.of("/a b/x.aci")), ImageReference.parse("file:///a%20b/x.aci"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com/web", "example.com/web:1.2", "example.com/web:1.2.aci,os=linux", "busybox"})
    void names(String text) {
        assertEquals(
                text,
                assertInstanceOf(ImageReference.Name.class, ImageReference.parse(text))
                        .toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com/a/web.aci", "http://example.com:8080/web.aci", "https://h/w.aci?x=1"})
    void urls(String text) {
        assertEquals(
                text,
                assertInstanceOf(ImageReference.Url.class, ImageReference.parse(text))
                        .toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker://busybox", "docker:busybox", "docker:docker.io/library/busybox:latest"})
    void oci_images(String text) {
        assertEquals(
                "docker://docker.io/library/busybox:latest",
                assertInstanceOf(ImageReference.Oci.class, ImageReference.parse(text))
                        .toString());
    }

    @Test
    void a_prefix_says_that_a_name_is_of_appc() {
        assertEquals(ImageReference.parse("example.com/web:1.2"), ImageReference.parse("aci://example.com/web:1.2"));
    }

    @Test
    void ids() {
        assertEquals(new ImageReference.Id("sha512-00ff"), ImageReference.parse("sha512-00ff"));
    }

    @ParameterizedTest
    @CsvSource({
        "docker://Busybox, INVALID",
        "docker://https://example.com/x, INVALID",
        "ftp://example.com/web.aci, UNSUPPORTED",
        "oci://example.com/web, UNSUPPORTED",
        "https://example.com/web, INVALID",
        "https:///web.aci, INVALID",
        "https://user:secret@example.com/web.aci, INVALID",
        "https://example.com/web.aci#x, INVALID",
        "https://exa mple.com/web.aci, INVALID",
        "sha512-0, INVALID",
        "sha512-zz, INVALID",
        "Example.com/web, INVALID",
        "example.com:5000/web:1, INVALID",
        "'', INVALID"
    })
    void what_is_none_of_these_is_refused(String text, Problem problem) {
        var refusal = assertThrows(AestusException.class, () -> ImageReference.parse(text));
        assertEquals(problem, refusal.problem(), refusal.message());
        assertEquals(false, refusal.message().contains("secret"), refusal.message());
    }
}
