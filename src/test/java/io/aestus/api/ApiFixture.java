package io.aestus.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventFilter;
import io.aestus.api.v1alpha.GetLogsRequest;
import io.aestus.api.v1alpha.ListenEventsRequest;
import io.aestus.api.v1alpha.ListenEventsResponse;
import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.NativeStage1;
import io.aestus.executor.PodName;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import io.aestus.executor.StoreTrees;
import io.aestus.metadata.MetadataNode;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node with a pod that runs, and a client of its native API. */
@Timeout(120)
abstract class ApiFixture {
    static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    ImageStore store;
    StoredImage image;
    Executor executor;
    ApiServer server;
    ApiClient client;
    PodUuid pod;

    @BeforeEach
    void open() throws IOException {
        store = MetadataNode.store(directory);
        image = MetadataNode.putBusybox(store);
        executor = Executor.open(
                ExecutorConfig.of(directory), NativeStage1.open(directory, new StoreTrees(store), Clock.systemUTC()));
        Path socket = directory.resolve("run/aestus.sock");
        server = new ApiServer(
                new ApiSettings(socket, Optional.empty(), "0.1.0", directory, Optional.empty(), Set.of("image")),
                executor,
                store);
        server.start();
        client = new ApiClient(socket);
        pod = run("web", "echo one; echo two >&2; exec busybox sleep 1000");
    }

    @AfterEach
    void close() throws InterruptedException {
        client.close();
        server.close();
        for (var each : executor.list()) {
            executor.stop(each.uuid(), StopOptions.NOW);
            executor.remove(each.uuid());
        }
        executor.close();
        store.close();
    }

    RuntimeApp app(String name, String script) {
        return RuntimeApp.of(new AcName(name), RuntimeImage.of(image.id()))
                .withAnnotations(MetadataNode.annotations(Map.of("authors", "Pod")))
                .withApp(io.aestus.appc.App.running(List.of("/bin/busybox", "sh", "-c", script))
                        .build());
    }

    PodUuid run(String name, String script) {
        var manifest =
                PodManifest.of(app(name, script)).withAnnotations(MetadataNode.annotations(Map.of("tier", name)));
        return executor.run(
                PodSpec.of(manifest).withOptions(PodOptions.DEFAULT.withName(PodName.parse("pod-of-" + name))));
    }

    void await(PodUuid ended) throws InterruptedException {
        assertTrue(executor.waitFor(ended, SOON).isPresent(), "the pod goes on");
    }

    // --- events

    Iterator<ListenEventsResponse> listen(EventFilter.Builder filter) {
        var stream = client.api
                .withDeadlineAfter(SOON.toSeconds(), TimeUnit.SECONDS)
                .listenEvents(ListenEventsRequest.newBuilder().setFilter(filter).build());
        assertEquals(ListenEventsResponse.getDefaultInstance(), stream.next(), "the stream has not begun");
        return stream;
    }

    static List<Event> take(Iterator<ListenEventsResponse> stream, int count) {
        var events = new ArrayList<Event>();
        while (events.size() < count) {
            events.addAll(stream.next().getEventsList());
        }
        return events;
    }

    static List<String> show(List<Event> events) {
        return events.stream()
                .map(event -> event.getType().name().substring("EVENT_TYPE_".length()) + " " + event.getFrom()
                        + event.getDataList().stream()
                                .map(data -> " " + data.getKey() + "=" + data.getValue())
                                .collect(Collectors.joining()))
                .toList();
    }

    // --- logs

    List<String> read(GetLogsRequest.Builder request) {
        var lines = new ArrayList<String>();
        client.api
                .withDeadlineAfter(SOON.toSeconds(), TimeUnit.SECONDS)
                .getLogs(request.build())
                .forEachRemaining(response -> lines.addAll(response.getLinesList()));
        return lines;
    }

    GetLogsRequest.Builder logsOf(PodUuid of) {
        return GetLogsRequest.newBuilder().setPodId(of.toString());
    }
}
