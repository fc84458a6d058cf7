package io.aestus.api;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.api.v1alpha.GetInfoResponse;
import io.aestus.api.v1alpha.GlobalFlags;
import io.aestus.api.v1alpha.Image;
import io.aestus.api.v1alpha.Info;
import io.aestus.api.v1alpha.InspectImageRequest;
import io.aestus.api.v1alpha.InspectImageResponse;
import io.aestus.api.v1alpha.InspectPodRequest;
import io.aestus.api.v1alpha.InspectPodResponse;
import io.aestus.api.v1alpha.ListImagesRequest;
import io.aestus.api.v1alpha.ListImagesResponse;
import io.aestus.api.v1alpha.ListPodsRequest;
import io.aestus.api.v1alpha.ListPodsResponse;
import io.aestus.api.v1alpha.Pod;
import io.aestus.api.v1alpha.PublicAPIGrpc;
import io.aestus.appc.AcVersion;
import io.aestus.executor.Executor;
import io.aestus.executor.PodStatus;
import io.aestus.rpc.Methods;
import io.aestus.rpc.Outflows;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.TreeSet;

/** Who answers which call. */
final class PublicApi implements BindableService {
    /** What rkt's last version said. */
    private static final String API_VERSION = "1.0.0-alpha";

    private static final int LARGEST_REQUEST = 1 << 20;

    private final ApiSettings settings;
    private final Executor executor;
    private final ImageStore images;
    private final ImageMessages imageMessages;
    private final PodMessages podMessages;
    private final Outflows streams;
    private final InstantSource clock;

    PublicApi(ApiSettings settings, Executor executor, ImageStore images, Outflows streams, InstantSource clock) {
        this.settings = settings;
        this.executor = executor;
        this.images = images;
        this.imageMessages = new ImageMessages(images);
        this.podMessages = new PodMessages(imageMessages);
        this.streams = streams;
        this.clock = clock;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return new Methods(PublicAPIGrpc.getServiceDescriptor(), request -> {
                    if (request.getSerializedSize() > LARGEST_REQUEST) {
                        throw new AestusException(
                                Problem.INVALID,
                                "cannot take a request of " + request.getSerializedSize() + " bytes: at most "
                                        + LARGEST_REQUEST);
                    }
                })
                .answers(PublicAPIGrpc.getGetInfoMethod(), _ -> info())
                .answers(PublicAPIGrpc.getListPodsMethod(), this::listPods)
                .answers(PublicAPIGrpc.getInspectPodMethod(), this::inspectPod)
                .answers(PublicAPIGrpc.getListImagesMethod(), this::listImages)
                .answers(PublicAPIGrpc.getInspectImageMethod(), this::inspectImage)
                .tells(
                        PublicAPIGrpc.getListenEventsMethod(),
                        (request, observer) -> streams.start(
                                observer,
                                out -> new EventTeller(executor, images, request.getFilter(), clock).tell(out)))
                .tells(
                        PublicAPIGrpc.getGetLogsMethod(),
                        (request, observer) ->
                                streams.start(observer, out -> new LogTeller(executor, request, clock).tell(out)))
                .build();
    }

    private GetInfoResponse info() {
        var flags = GlobalFlags.newBuilder()
                .setDir(settings.dir().toString())
                .setSystemConfigDir("/usr/lib/aestus")
                .setLocalConfigDir("/etc/aestus")
                .setUserConfigDir(settings.configDir().map(Path::toString).orElse(""))
                .setInsecureFlags(
                        settings.insecure().isEmpty() ? "none" : String.join(",", new TreeSet<>(settings.insecure())));
        return GetInfoResponse.newBuilder()
                .setInfo(Info.newBuilder()
                        .setRktVersion(settings.version())
                        .setAppcVersion(AcVersion.CURRENT.toString())
                        .setApiVersion(API_VERSION)
                        .setGlobalFlags(flags))
                .build();
    }

    // --- pods

    private ListPodsResponse listPods(ListPodsRequest request) {
        var detail = request.getDetail() ? Detail.FULL : Detail.BASIC;
        var response = ListPodsResponse.newBuilder();
        for (PodStatus status : executor.list()) {
            Optional<Pod> pod = find(status, detail);
            if (pod.isPresent() && Selection.admits(request.getFiltersList(), pod.get())) {
                response.addPods(pod.get());
            }
        }
        return response.build();
    }

    /** Empty if it was removed meanwhile. */
    private Optional<Pod> find(PodStatus status, Detail detail) {
        try {
            return Optional.of(podMessages.of(status, executor.cgroup(status.uuid()), detail));
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private InspectPodResponse inspectPod(InspectPodRequest request) {
        var pod = executor.find(request.getId());
        return InspectPodResponse.newBuilder()
                .setPod(podMessages.of(executor.status(pod), executor.cgroup(pod), Detail.FULL))
                .build();
    }

    // --- images

    private ListImagesResponse listImages(ListImagesRequest request) throws IOException {
        var detail = request.getDetail() ? Detail.FULL : Detail.BASIC;
        var response = ListImagesResponse.newBuilder();
        for (StoredImage stored : images.list()) {
            Image image = imageMessages.of(stored, detail);
            if (Selection.admits(request.getFiltersList(), image)) {
                response.addImages(image);
            }
        }
        return response.build();
    }

    private InspectImageResponse inspectImage(InspectImageRequest request) throws IOException {
        return InspectImageResponse.newBuilder()
                .setImage(imageMessages.of(images.resolve(request.getId()), Detail.FULL))
                .build();
    }
}
