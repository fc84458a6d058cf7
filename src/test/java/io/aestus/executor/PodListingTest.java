package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodListingTest {
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    @TempDir
    Path pods;

    private PodUuid add() throws IOException {
        PodUuid pod = PodUuid.random();
        Files.createDirectory(pods.resolve(pod.toString()));
        return pod;
    }

    @Test
    void a_directory_that_changed_long_ago_is_read_once() throws IOException {
        PodUuid pod = add();
        Files.createDirectory(pods.resolve("." + PodUuid.random() + ".removed"));
        Files.setLastModifiedTime(pods, LONG_AGO);
        var listing = new PodListing(pods);
        List<PodUuid> first = listing.latest();
        assertEquals(List.of(pod), first);
        assertSame(first, listing.latest());
    }

    @Test
    void what_comes_and_goes_is_seen_at_once() throws IOException {
        PodUuid one = add();
        Files.setLastModifiedTime(pods, LONG_AGO);
        var listing = new PodListing(pods);
        assertEquals(List.of(one), listing.latest());
        PodUuid other = add();
        assertEquals(Set.of(one, other), Set.copyOf(listing.latest()));
        Files.delete(pods.resolve(one.toString()));
        assertEquals(List.of(other), listing.latest());
    }

    @Test
    void two_changes_of_one_moment_are_both_seen() throws IOException {
        FileTime now = FileTime.from(Instant.now().plus(Duration.ofMinutes(1))); // however long this test takes
        PodUuid one = add();
        Files.setLastModifiedTime(pods, now);
        var listing = new PodListing(pods);
        assertEquals(List.of(one), listing.latest());
        PodUuid other = add();
        Files.setLastModifiedTime(pods, now);
        assertEquals(Set.of(one, other), Set.copyOf(listing.latest()));
    }

    @Test
    void without_a_directory_there_are_no_pods() throws IOException {
        assertEquals(List.of(), new PodListing(pods.resolve("missing")).latest());
    }
}
