package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The notation of discovery, and F8, I10, I11: which image is the one that was asked for. */
class ImageQueryTest {
    private static final Labels HOST = new Platform("linux", "amd64").labels();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com/web",
                "example.com/web:1.2",
                "example.com/web:1.2,os=linux",
                "example.com/web,os=linux,arch=amd64",
                "example.com/web,channel=a=b:c"
            })
    void what_a_user_types_is_read_and_written(String text) {
        assertEquals(text, ImageQuery.parse(text).toString());
    }

    @Test
    void a_version_is_a_label() {
        assertEquals(ImageQuery.parse("a:1"), ImageQuery.parse("a,version=1"));
        assertEquals(
                Optional.of("5000/a"), ImageQuery.parse("h:5000/a").labels().version());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":1",
                "a:",
                "a:1:2",
                "a,",
                "a,os",
                "a,os=",
                "a,=linux",
                "a,name=b",
                "a:1,version=2",
                "a,x=1,x=1",
                "A",
                "a b",
                "a,OS=linux"
            })
    void anything_else_is_refused(String text) {
        assertThrows(AestusException.class, () -> ImageQuery.parse(text));
    }

    @Test
    void f8_every_label_asked_for_must_be_there_and_equal() {
        var image = image(Label.of("version", "1.2"), Label.of("os", "linux"), Label.of("team", "x"));
        assertTrue(query("example.com/web:1.2").matches(image, HOST));
        assertEquals(
                Optional.of("its label version is '1.2', not '1.3'"),
                query("example.com/web:1.3").mismatch(image, HOST));
        assertEquals(
                Optional.of("it has no label channel"),
                query("example.com/web,channel=beta").mismatch(image, HOST));
        assertEquals(
                Optional.of("its name is 'example.com/web', not 'example.com/other'"),
                query("example.com/other").mismatch(image, HOST));
    }

    @Test
    void i10_an_image_without_os_and_arch_runs_anywhere() {
        assertEquals(Optional.empty(), query("example.com/web").mismatch(image(), HOST));
    }

    @Test
    void i11_only_defaults_may_be_missing() {
        assertEquals(
                Optional.of("it has no label os"),
                query("example.com/web,os=linux").mismatch(image(), HOST));
        assertEquals(
                Optional.of("its label os is 'freebsd', not 'linux'"),
                query("example.com/web").mismatch(image(Label.of("os", "freebsd")), HOST));
        assertEquals(
                Optional.empty(), query("example.com/web,os=freebsd").mismatch(image(Label.of("os", "freebsd")), HOST));
    }

    @Test
    void the_host_fills_in_only_what_the_user_left_out() {
        assertEquals(
                "a:1,os=freebsd,arch=amd64",
                query("a:1,os=freebsd").on(new Platform("linux", "amd64")).toString());
    }

    private static ImageQuery query(String text) {
        return ImageQuery.parse(text);
    }

    private static ImageManifest image(Label... labels) {
        return ImageManifest.named(AcIdentifier.parse("example.com/web")).withLabels(Labels.of(labels));
    }
}
