package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import java.time.Instant;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A1–A6, A15, I2, I12: the small words of the schema. */
class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "example.com/web", "a-b.c_d~e/f"})
    void a1_identifiers_are_read(String text) {
        assertEquals(text, AcIdentifier.parse(text).toString());
        assertTrue(AcIdentifier.parse(text).isCanonical());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a--b", "a//b", "a.-b"})
    void i2_doubled_separators_are_read_and_told(String text) {
        assertFalse(AcIdentifier.parse(text).isCanonical());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "/a", "A", "a b", "ä", "a:b", "a\n", "a\u0000", "a%2f"})
    void a1_anything_else_is_refused(String text) {
        assertThrows(AestusException.class, () -> AcIdentifier.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "a.b", "a/b", "a_b", "A"})
    void a2_names_have_hyphens_only(String text) {
        assertThrows(AestusException.class, () -> AcName.parse(text));
    }

    @Test
    void a2_a_long_name_of_separators_is_refused_without_delay() {
        String text = "a" + "-".repeat(500_000);
        assertThrows(AestusException.class, () -> AcName.parse(text));
        assertThrows(AestusException.class, () -> AcIdentifier.parse(text));
    }

    @Test
    void a_parent_is_one_segment_shorter() {
        var name = AcIdentifier.parse("example.com/team//web");
        assertEquals(Optional.of(AcIdentifier.parse("example.com/team")), name.parent());
        assertEquals(Optional.empty(), AcIdentifier.parse("example.com").parent());
        assertEquals("example.com", name.host());
        assertEquals("web", name.lastSegment());
    }

    @Test
    void a_name_covers_what_lies_below_it_and_no_lookalike() {
        var name = AcIdentifier.parse("example.com");
        assertTrue(name.covers(name));
        assertTrue(name.covers(AcIdentifier.parse("example.com/web")));
        assertFalse(name.covers(AcIdentifier.parse("example.community/web")));
    }

    @Test
    void c3_an_app_is_named_after_its_image() {
        assertEquals(
                "reduce-worker",
                AcName.forImage(AcIdentifier.parse("example.com/reduce_worker")).value());
        assertEquals("my-app", AcName.sanitized("--My App!").value());
        assertThrows(AestusException.class, () -> AcName.sanitized("…"));
    }

    @Property(tries = 200)
    void what_is_sanitized_is_a_canonical_name(@ForAll @Size(max = 12) String text) {
        if (text.chars().anyMatch(c -> c >= 'a' && c <= 'z')) {
            assertTrue(AcName.sanitized(text).isCanonical());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.8.11", "0.5.1-rc.1", "0.8.11+git", "0.9.0", "1.2.3-a-b+c.d"})
    void a4_semantic_versions_are_read_and_written(String text) {
        assertEquals(text, AcVersion.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "v0.8.11",
                "0.8",
                "0.0.0",
                "01.2.3",
                "1.2.3.4",
                "1.2.-3",
                "1.2.3-01",
                "9999999999.0.0",
                "1.2.3+"
            })
    void a4_other_versions_are_refused(String text) {
        assertThrows(AestusException.class, () -> AcVersion.parse(text));
    }

    @Test
    void a5_image_ids_are_whole_and_written_small() {
        String hex = "Ab".repeat(64);
        ImageId id = ImageId.parse("sha512-" + hex);
        assertEquals("sha512-" + "ab".repeat(64), id.toString());
        assertEquals("sha512-abababababab", id.abbreviated());
        assertEquals(id, ImageId.parse(id.toString()));
        for (String wrong :
                new String[] {"sha512-" + "ab".repeat(63), "sha512-" + "zz".repeat(64), "sha256-" + hex, hex}) {
            assertThrows(AestusException.class, () -> ImageId.parse(wrong));
        }
    }

    @Test
    void a6_times_have_a_zone_and_any_fraction() {
        Instant second = Instant.parse("2014-10-27T19:32:27Z");
        assertEquals(second, Timestamp.parse("2014-10-27T19:32:27Z"));
        assertEquals(second, Timestamp.parse("2014-10-27T21:02:27+01:30"));
        assertEquals(second.plusNanos(670_217_980), Timestamp.parse("2014-10-27T19:32:27.67021798Z"));
        assertEquals(second.plusNanos(123_456_789), Timestamp.parse("2014-10-27T19:32:27.1234567891234Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2014-10-27",
                "2014-10-27t19:32:27Z",
                "2014-10-27T19:32:27z",
                "2014-10-27T19:32:27",
                "2014-10-27T19:32:60Z",
                "2014-10-27T19:32:27+0200",
                "2014-10-27T19:32:27,5Z",
                "2014-10-27T9:32:27Z",
                "2014-10-27T19:32:27+24:00",
                "2014-02-30T19:32:27Z",
                "2014-10-27T19:32:27.Z",
                "2014-10-27T19:32:27123Z",
                "2014-10-27 19:32:27Z"
            })
    void a6_other_times_are_refused(String text) {
        assertThrows(AestusException.class, () -> Timestamp.parse(text));
    }

    @Test
    void a15_pod_uuids_are_canonical() {
        var uuid = PodUuid.random();
        assertEquals(uuid, PodUuid.parse(uuid.toString()));
        assertEquals(
                "6ba7b810",
                PodUuid.parse("6BA7B810-9DAD-11D1-80B4-00C04FD430C8").abbreviated());
        for (String wrong : new String[] {"", "1-1-1-1-1", "6ba7b8109dad11d180b400c04fd430c8"}) {
            assertThrows(AestusException.class, () -> PodUuid.parse(wrong));
        }
    }

    @Test
    void j12_paths_are_absolute_and_clean() {
        assertEquals("/a/b", AbsolutePath.parse("//a/./b//").value());
        assertEquals("a/b", AbsolutePath.parse("/a/b").relative());
        assertEquals(".", AbsolutePath.parse("/").relative());
        assertTrue(AbsolutePath.parse("/a").covers(AbsolutePath.parse("/a/b")));
        assertFalse(AbsolutePath.parse("/a").covers(AbsolutePath.parse("/ab")));
        for (String wrong : new String[] {"", "a", "./a", "/../a", "/a/..", "/a\u0000", "/" + "x".repeat(4096)}) {
            assertThrows(AestusException.class, () -> AbsolutePath.parse(wrong));
        }
    }
}
