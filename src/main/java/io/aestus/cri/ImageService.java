package io.aestus.cri;

import io.aestus.appc.ImageId;
import io.aestus.cri.v1.Image;
import io.aestus.cri.v1.ImageFilter;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.ImageStatusResponse;
import io.aestus.cri.v1.ListImagesResponse;
import io.aestus.cri.v1.PullImageResponse;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.cri.v1.RemoveImageResponse;
import io.aestus.cri.v1.StreamImagesResponse;
import io.aestus.fetch.ImageReference;
import io.aestus.rpc.Methods;
import io.aestus.store.StoredImage;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The image half of the interface: who answers what. */
final class ImageService implements BindableService {
    /** Says of the images of a pod what they are. */
    private static final String FORMAT = "aestus.io/image-format";

    private static final String APPC = "aci";

    private final NodeImages images;
    private final FileSystems fileSystems;

    /** @param fileSystems lent */
    ImageService(NodeImages images, FileSystems fileSystems) {
        this.images = images;
        this.fileSystems = fileSystems;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return new Methods(ImageServiceGrpc.getServiceDescriptor(), Bounds::check)
                .answersWhileAwaited(
                        ImageServiceGrpc.getPullImageMethod(),
                        request -> PullImageResponse.newBuilder()
                                .setImageRef(images.pull(named(request.getImage()), request.getAuth())
                                        .id()
                                        .toString())
                                .build(),
                        PullStatuses::of)
                .answers(ImageServiceGrpc.getImageStatusMethod(), this::status)
                .answers(ImageServiceGrpc.getListImagesMethod(), request -> ListImagesResponse.newBuilder()
                        .addAllImages(selected(request.getFilter()))
                        .build())
                .lists(
                        ImageServiceGrpc.getStreamImagesMethod(),
                        request -> List.of(StreamImagesResponse.newBuilder()
                                .addAllImages(selected(request.getFilter()))
                                .build()))
                .answers(ImageServiceGrpc.getRemoveImageMethod(), this::remove)
                .answers(ImageServiceGrpc.getImageFsInfoMethod(), _ -> fileSystems.info())
                .build();
    }

    /** The name with the prefix that an annotation of the pod, which the kubelet passes on, stands for. */
    private static String named(ImageSpec spec) {
        boolean isAppc = APPC.equals(spec.getAnnotationsOrDefault(FORMAT, ""))
                && !spec.getImage().startsWith(ImageReference.ACI);
        return isAppc ? ImageReference.ACI + spec.getImage() : spec.getImage();
    }

    private ImageStatusResponse status(ImageStatusRequest request) {
        var response = ImageStatusResponse.newBuilder();
        images.find(named(request.getImage())).ifPresent(image -> {
            response.setImage(shown(image, images.pinned()));
            if (request.getVerbose()) {
                response.putInfo("info", Verbose.of(image));
            }
        });
        return response.build();
    }

    private List<Image> selected(ImageFilter filter) {
        String image = filter.getImage().getImage().isEmpty() ? "" : named(filter.getImage());
        List<StoredImage> found =
                image.isEmpty() ? images.list() : images.find(image).stream().toList();
        Set<ImageId> pinned = images.pinned();
        return found.stream().map(each -> shown(each, pinned)).toList();
    }

    private static Image shown(StoredImage image, Set<ImageId> pinned) {
        return Images.toImage(image).toBuilder()
                .setPinned(pinned.contains(image.id()))
                .build();
    }

    private RemoveImageResponse remove(RemoveImageRequest request) {
        Optional<ImageId> found = images.find(named(request.getImage())).map(StoredImage::id);
        found.ifPresent(images::remove);
        return RemoveImageResponse.getDefaultInstance();
    }
}
