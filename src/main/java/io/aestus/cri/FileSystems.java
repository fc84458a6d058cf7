package io.aestus.cri;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.FilesystemIdentifier;
import io.aestus.cri.v1.FilesystemUsage;
import io.aestus.cri.v1.ImageFsInfoResponse;
import io.aestus.cri.v1.UInt64Value;
import io.aestus.executor.AppFootprint;
import io.aestus.linux.Directory;
import io.aestus.linux.TreeUse;
import io.aestus.store.DiskTotal;
import io.aestus.store.StoreLayout;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** What images and containers take on disk, in the interface's words. Thread-safe. */
final class FileSystems implements AutoCloseable {
    private final NodeImages images;
    private final Pods pods;
    private final InstantSource clock;
    private final StoreLayout layout;
    private final DiskMeter meter;

    FileSystems(NodeImages images, Pods pods, InstantSource clock) {
        this.images = images;
        this.pods = pods;
        this.clock = clock;
        this.layout = StoreLayout.of(images.directory());
        this.meter = new DiskMeter(clock);
    }

    private record Container(PodUuid pod, AcName app) {}

    /** What a container wrote over its image, as it was lately; empty if that is not known by the {@link DiskMeter#deadline}. */
    Optional<FilesystemUsage> writable(PodUuid pod, AcName app, long deadline) throws InterruptedException {
        return meter.read(new Container(pod, app), () -> written(pod, app), deadline)
                .map(this::usage);
    }

    /** Images, and what was made for pods: roots, volumes, logs that nobody put elsewhere. */
    ImageFsInfoResponse info() throws InterruptedException {
        FilesystemUsage ofImages = usage(clock.instant(), images.use());
        var response = ImageFsInfoResponse.newBuilder().addImageFilesystems(ofImages);
        meter.read(layout.pods(), this::ofPods, DiskMeter.deadline())
                .map(this::usage)
                .ifPresent(response::addContainerFilesystems);
        return response.build();
    }

    private DiskTotal written(PodUuid pod, AcName app) {
        AppFootprint footprint = pods.footprint(pod, app);
        return new DiskTotal(footprint.bytes(), footprint.files());
    }

    private DiskTotal ofPods() throws IOException {
        var use = new TreeUse();
        try (Directory all = Directory.open(layout.pods())) {
            use.add(all);
        }
        return new DiskTotal(use.bytes(), use.inodes());
    }

    private FilesystemUsage usage(DiskMeter.Reading reading) {
        return usage(reading.at(), reading.use());
    }

    private FilesystemUsage usage(Instant at, DiskTotal use) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(Sandboxes.nanos(at))
                .setFsId(FilesystemIdentifier.newBuilder()
                        .setMountpoint(layout.data().toString()))
                .setUsedBytes(UInt64Value.newBuilder().setValue(use.bytes()))
                .setInodesUsed(UInt64Value.newBuilder().setValue(use.inodes()))
                .build();
    }

    @Override
    public void close() {
        meter.close();
    }
}
