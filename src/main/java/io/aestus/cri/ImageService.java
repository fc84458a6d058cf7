package io.aestus.cri;

import io.aestus.appc.ImageId;
import io.aestus.cri.v1.FilesystemIdentifier;
import io.aestus.cri.v1.FilesystemUsage;
import io.aestus.cri.v1.ImageFsInfoRequest;
import io.aestus.cri.v1.ImageFsInfoResponse;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.ImageStatusResponse;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.ListImagesResponse;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.PullImageResponse;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.cri.v1.RemoveImageResponse;
import io.aestus.cri.v1.UInt64Value;
import io.aestus.store.StoredImage;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The image half of the interface. */
final class ImageService extends ImageServiceGrpc.ImageServiceImplBase {
    private final NodeImages images;
    private final InstantSource clock;

    ImageService(NodeImages images, InstantSource clock) {
        this.images = images;
        this.clock = clock;
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
        Calls.answer(
                observer,
                () -> PullImageResponse.newBuilder()
                        .setImageRef(
                                images.pull(request.getImage().getImage()).id().toString())
                        .build(),
                Statuses::ofPull);
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> observer) {
        Calls.answer(observer, () -> {
            var response = ImageStatusResponse.newBuilder();
            images.find(request.getImage().getImage()).map(Images::toImage).ifPresent(response::setImage);
            return response.build();
        });
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
        Calls.answer(observer, () -> ListImagesResponse.newBuilder()
                .addAllImages(selected(request.getFilter().getImage().getImage()).stream()
                        .map(Images::toImage)
                        .toList())
                .build());
    }

    private List<StoredImage> selected(String image) {
        return image.isEmpty() ? images.list() : images.find(image).stream().toList();
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
        Calls.answer(observer, () -> {
            Optional<ImageId> found = images.find(request.getImage().getImage()).map(StoredImage::id);
            found.ifPresent(images::remove);
            return RemoveImageResponse.getDefaultInstance();
        });
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> observer) {
        Calls.answer(observer, () -> {
            long used = images.list().stream().mapToLong(StoredImage::bytes).sum();
            var usage = FilesystemUsage.newBuilder()
                    .setTimestamp(Sandboxes.nanos(clock.instant()))
                    .setFsId(FilesystemIdentifier.newBuilder()
                            .setMountpoint(images.directory().toString()))
                    .setUsedBytes(UInt64Value.newBuilder().setValue(used))
                    .setInodesUsed(UInt64Value.getDefaultInstance());
            return ImageFsInfoResponse.newBuilder()
                    .addImageFilesystems(usage)
                    .addContainerFilesystems(usage)
                    .build();
        });
    }
}
