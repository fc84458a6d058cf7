package io.aestus.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.api.v1alpha.App;
import io.aestus.api.v1alpha.AppState;
import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventFilter;
import io.aestus.api.v1alpha.EventType;
import io.aestus.api.v1alpha.GetInfoRequest;
import io.aestus.api.v1alpha.GetLogsResponse;
import io.aestus.api.v1alpha.Image;
import io.aestus.api.v1alpha.ImageFilter;
import io.aestus.api.v1alpha.Info;
import io.aestus.api.v1alpha.InspectImageRequest;
import io.aestus.api.v1alpha.InspectPodRequest;
import io.aestus.api.v1alpha.KeyValue;
import io.aestus.api.v1alpha.ListImagesRequest;
import io.aestus.api.v1alpha.ListPodsRequest;
import io.aestus.api.v1alpha.Pod;
import io.aestus.api.v1alpha.PodFilter;
import io.aestus.api.v1alpha.PodState;
import io.aestus.api.v1alpha.PublicAPIGrpc;
import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.executor.StopOptions;
import io.aestus.metadata.MetadataNode;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every call of the native API, over its socket, on real pods. */
@Tag("host")
class ApiHostTest extends ApiFixture {
    // --- every method

    /** What is tried of each method; one that is not here fails the test. */
    private Map<String, Runnable> tries() {
        return Map.of(
                "GetInfo", this::info,
                "ListPods", this::pods,
                "InspectPod", this::inspectPod,
                "ListImages", this::images,
                "InspectImage", this::inspectImage,
                "ListenEvents", this::events,
                "GetLogs", this::logs);
    }

    @Test
    void every_method_of_the_service_is_answered() {
        var tries = tries();
        for (MethodDescriptor<?, ?> method :
                PublicAPIGrpc.getServiceDescriptor().getMethods()) {
            assertTrue(tries.containsKey(method.getBareMethodName()), method.getFullMethodName());
            tries.get(method.getBareMethodName()).run();
        }
        assertEquals(
                tries.size(), PublicAPIGrpc.getServiceDescriptor().getMethods().size());
        assertEquals("v1alpha.PublicAPI", PublicAPIGrpc.getServiceDescriptor().getName());
    }

    private void info() {
        Info info = client.api.getInfo(GetInfoRequest.getDefaultInstance()).getInfo();
        assertEquals("0.1.0", info.getRktVersion());
        assertEquals("0.8.11", info.getAppcVersion());
        assertEquals("1.0.0-alpha", info.getApiVersion());
        assertEquals(directory.toString(), info.getGlobalFlags().getDir());
        assertEquals("image", info.getGlobalFlags().getInsecureFlags());
    }

    private List<Pod> list(PodFilter... filters) {
        return client.api
                .listPods(ListPodsRequest.newBuilder()
                        .addAllFilters(List.of(filters))
                        .build())
                .getPodsList();
    }

    private void pods() {
        Pod listed = list().getFirst();
        assertEquals(pod.toString(), listed.getId());
        assertEquals(PodState.POD_STATE_RUNNING, listed.getState());
        assertTrue(listed.getManifest().isEmpty());
        assertTrue(Files.exists(Path.of("/proc/" + listed.getPid())), listed.toString());
        assertTrue(listed.getCgroup().endsWith("/" + pod), listed.getCgroup());
        assertTrue(listed.getStartedAt() >= listed.getCreatedAt() && listed.getCreatedAt() > 0, listed.toString());
        assertEquals(
                1,
                list(PodFilter.newBuilder()
                                .addPodSubCgroups(listed.getCgroup() + "/web")
                                .build())
                        .size());
        assertEquals(
                0,
                list(PodFilter.newBuilder().addStates(PodState.POD_STATE_EXITED).build())
                        .size());
    }

    private void inspectPod() {
        Pod inspected = client.api
                .inspectPod(InspectPodRequest.newBuilder().setId(pod.toString()).build())
                .getPod();
        assertEquals(
                List.of(new AcName("web")),
                PodManifest.read(inspected.getManifest().toByteArray()).apps().stream()
                        .map(RuntimeApp::name)
                        .toList());
        assertEquals(List.of(pair("tier", "web")), inspected.getAnnotationsList());
        App web = inspected.getApps(0);
        assertEquals("web", web.getName());
        assertEquals(AppState.APP_STATE_RUNNING, web.getState());
        assertEquals(image.id().toString(), web.getImage().getId());
        assertEquals("example.com/web", web.getImage().getName());
        assertEquals(List.of(pair("authors", "Pod")), web.getAnnotationsList());
        var unknown = assertThrows(
                StatusRuntimeException.class,
                () -> client.api.inspectPod(InspectPodRequest.newBuilder()
                        .setId(PodUuid.random().toString())
                        .build()));
        assertEquals(Status.Code.NOT_FOUND, unknown.getStatus().getCode());
    }

    private static KeyValue pair(String key, String value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    private void images() {
        var request = ListImagesRequest.newBuilder()
                .addFilters(ImageFilter.newBuilder().addBaseNames("web").addLabels(pair("version", "1")));
        Image listed = client.api.listImages(request.build()).getImages(0);
        assertEquals(image.id().toString(), listed.getId());
        assertEquals("1", listed.getVersion());
        assertEquals(image.record().imported().getEpochSecond(), listed.getImportTimestamp());
        assertEquals(image.bytes(), listed.getSize());
        assertTrue(listed.getManifest().isEmpty());
        assertEquals(
                MetadataNode.MANIFEST,
                client.api
                        .listImages(request.setDetail(true).build())
                        .getImages(0)
                        .getManifest()
                        .toStringUtf8());
        var other = ListImagesRequest.newBuilder()
                .addFilters(ImageFilter.newBuilder().addKeywords("etcd"));
        assertEquals(0, client.api.listImages(other.build()).getImagesCount());
    }

    private void inspectImage() {
        Image inspected = client.api
                .inspectImage(InspectImageRequest.newBuilder()
                        .setId(image.id().toString())
                        .build())
                .getImage();
        assertEquals(MetadataNode.MANIFEST, inspected.getManifest().toStringUtf8());
        assertEquals(
                List.of(pair("authors", "Image"), pair("homepage", "https://example.com/")),
                inspected.getAnnotationsList());
        var unknown = assertThrows(
                StatusRuntimeException.class,
                () -> client.api.inspectImage(
                        InspectImageRequest.newBuilder().setId("sha512-00").build()));
        assertEquals(Status.Code.NOT_FOUND, unknown.getStatus().getCode());
    }

    private void events() {
        var all = listen(EventFilter.newBuilder());
        var exits = listen(EventFilter.newBuilder()
                .addTypes(EventType.EVENT_TYPE_APP_EXITED)
                .addNames("brief"));
        try {
            PodUuid brief = run("brief", "exit 7");
            await(brief);
            executor.remove(brief);
            List<Event> events = take(all, 6);
            assertEquals(
                    List.of(
                            "POD_PREPARED pod-of-brief",
                            "APP_STARTED brief",
                            "POD_STARTED pod-of-brief",
                            "APP_EXITED brief exit_code=7",
                            "POD_EXITED pod-of-brief",
                            "POD_GARBAGE_COLLECTED pod-of-brief"),
                    show(events).stream()
                            .sorted(java.util.Comparator.comparing(ApiHostTest::order))
                            .toList());
            assertTrue(events.stream().allMatch(event -> event.getId().equals(brief.toString())), events.toString());
            assertEquals(List.of("APP_EXITED brief exit_code=7"), show(take(exits, 1)));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** An app may end before the start of its pod is told. */
    private static int order(String event) {
        return List.of(
                        "POD_PREPARED",
                        "APP_STARTED",
                        "POD_STARTED",
                        "APP_EXITED",
                        "POD_EXITED",
                        "POD_GARBAGE_COLLECTED")
                .indexOf(event.split(" ", 2)[0]);
    }

    private void logs() {
        Iterator<GetLogsResponse> following = client.api
                .withDeadlineAfter(SOON.toSeconds(), TimeUnit.SECONDS)
                .getLogs(logsOf(pod).setAppName("web").setFollow(true).build());
        var seen = new ArrayList<String>();
        while (seen.size() < 2) {
            seen.addAll(following.next().getLinesList());
        }
        assertEquals(Set.of("one", "two"), Set.copyOf(seen));
        executor.stop(pod, StopOptions.NOW);
        assertFalse(following.hasNext());
        assertEquals(Set.of("web: one", "web: two"), Set.copyOf(read(logsOf(pod))));
        var unknown = assertThrows(
                StatusRuntimeException.class, () -> read(logsOf(pod).setAppName("none")));
        assertEquals(Status.Code.NOT_FOUND, unknown.getStatus().getCode());
    }

    // --- the socket

    @Test
    void only_root_may_connect_and_the_service_describes_itself() throws Exception {
        Path socket = directory.resolve("run/aestus.sock");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        var services = new CompletableFuture<List<String>>();
        var asking = ServerReflectionGrpc.newStub(client.channel).serverReflectionInfo(new StreamObserver<>() {
            @Override
            public void onNext(ServerReflectionResponse response) {
                services.complete(response.getListServicesResponse().getServiceList().stream()
                        .map(io.grpc.reflection.v1.ServiceResponse::getName)
                        .toList());
            }

            @Override
            public void onError(Throwable failure) {
                services.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
        asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        assertTrue(services.get(20, TimeUnit.SECONDS).contains("v1alpha.PublicAPI"));
        asking.onCompleted();
    }

    @Test
    void a_request_that_is_too_large_is_refused() {
        var request = ListPodsRequest.newBuilder()
                .addFilters(PodFilter.newBuilder().addIds(new String(new byte[1 << 20], StandardCharsets.US_ASCII)))
                .build();
        var refused = assertThrows(StatusRuntimeException.class, () -> client.api.listPods(request));
        assertEquals(Status.Code.INVALID_ARGUMENT, refused.getStatus().getCode());
    }
}
