package io.aestus.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventFilter;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.PodSpec;
import io.aestus.metadata.MetadataNode;
import io.aestus.store.StoredImage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is told as it happens, and of the past. */
@Tag("host")
class ApiStreamsHostTest extends ApiFixture {
    @Test
    void images_that_come_and_go_are_told() throws IOException {
        var events = listen(EventFilter.newBuilder());
        StoredImage other = MetadataNode.put(store, files -> files.file("rootfs/other", "other"));
        assertEquals(List.of("IMAGE_IMPORTED example.com/web"), show(take(events, 1)));
        store.remove(other.id());
        assertEquals(List.of("IMAGE_REMOVED example.com/web"), show(take(events, 1)));
    }

    @Test
    void the_past_is_told_as_far_as_the_disk_knows_it_and_the_stream_ends_in_time() throws Exception {
        PodUuid brief = run("brief", "exit 7");
        await(brief);
        long now = Instant.now().getEpochSecond();
        var past = listen(EventFilter.newBuilder().setSinceTime(now - 1000).setUntilTime(now + 1));
        var events = new ArrayList<Event>();
        past.forEachRemaining(response -> events.addAll(response.getEventsList()));
        assertEquals(
                Set.of(
                        "IMAGE_IMPORTED example.com/web",
                        "POD_PREPARED pod-of-web",
                        "POD_STARTED pod-of-web",
                        "APP_STARTED web",
                        "POD_PREPARED pod-of-brief",
                        "POD_STARTED pod-of-brief",
                        "APP_STARTED brief",
                        "APP_EXITED brief exit_code=7",
                        "POD_EXITED pod-of-brief"),
                Set.copyOf(show(events)));
        assertEquals(9, events.size(), show(events).toString());
        var before = listen(EventFilter.newBuilder().setSinceTime(1).setUntilTime(2));
        assertFalse(before.hasNext());
    }

    @Test
    void streams_end_when_the_server_does() throws InterruptedException {
        var events = listen(EventFilter.newBuilder());
        server.close();
        var end = assertThrows(StatusRuntimeException.class, events::hasNext);
        assertEquals(Status.Code.UNAVAILABLE, end.getStatus().getCode());
    }

    @Test
    void the_lines_of_all_apps_come_in_the_order_of_time_and_long_ones_whole() throws Exception {
        var manifest = PodManifest.of(
                app("a", "echo first; busybox sleep 0.4; echo third"),
                app(
                        "b",
                        "busybox sleep 0.2; echo second; busybox sleep 0.4; busybox head -c 40000 /dev/zero"
                                + " | busybox tr '\\0' x; echo"));
        PodUuid both = executor.run(PodSpec.of(manifest));
        await(both);
        String all = "b: " + "x".repeat(40000);
        assertEquals(List.of("a: first", "b: second", "a: third", all), read(logsOf(both)));
        assertEquals(List.of("third"), read(logsOf(both).setAppName("a").setLines(1)));
        long now = Instant.now().getEpochSecond();
        assertEquals(List.of(), read(logsOf(both).setSinceTime(now + 100)));
        assertEquals(List.of(), read(logsOf(both).setUntilTime(now - 100)));
        assertEquals(
                4,
                read(logsOf(both).setSinceTime(now - 100).setUntilTime(now + 100))
                        .size());
    }

    @Test
    void who_reads_slowly_costs_no_memory_and_gets_every_line() throws Exception {
        PodUuid many = run("many", "busybox seq 1 50000");
        await(many);
        List<String> lines = read(logsOf(many).setAppName("many"));
        assertEquals(50000, lines.size());
        assertEquals("50000", lines.getLast());
    }
}
