package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Label;
import io.aestus.appc.Labels;
import io.aestus.cri.v1.AuthConfig;
import io.aestus.store.DiskTotal;
import io.aestus.store.ImageRecord;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Images that a server has, and of these some here. */
final class FakeImages implements NodeImages {
    private final List<StoredImage> remote = new ArrayList<>();
    private final List<StoredImage> here = new ArrayList<>();
    private volatile boolean hangs;
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch brokenOff = new CountDownLatch(1);

    static StoredImage image(String name, String version, App app) {
        var id = new ImageId("%0128x".formatted(Math.abs((long) (name + version).hashCode())));
        var plain = ImageManifest.named(AcIdentifier.parse(name));
        var manifest = new ImageManifest(
                plain.acVersion(),
                plain.name(),
                new Labels(List.of(Label.of(Labels.VERSION, version))),
                Optional.of(app),
                plain.dependencies(),
                plain.pathWhitelist(),
                plain.annotations(),
                plain.unknown());
        return new StoredImage(
                id, manifest, Path.of("/nowhere"), ImageRecord.from("https://" + name, List.of()), Instant.EPOCH);
    }

    FakeImages remote(StoredImage image) {
        remote.add(image);
        return this;
    }

    /** Whoever pulls from here on waits until he is interrupted. */
    void hang() {
        hangs = true;
    }

    @Override
    public StoredImage pull(String image, AuthConfig auth) throws InterruptedException {
        if (hangs) {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                brokenOff.countDown();
            }
        }
        return fetch(image);
    }

    private StoredImage fetch(String image) {
        StoredImage found = search(image, remote).orElseThrow(() -> new AestusException(
                        Problem.UNTRUSTED, "cannot verify " + image + ": signed by key 0123")
                .withRemedy("aestus trust"));
        if (!here.contains(found)) {
            here.add(found);
        }
        return found;
    }

    StoredImage pull(String image) {
        return fetch(image);
    }

    @Override
    public Optional<StoredImage> find(String image) {
        return search(image, here);
    }

    private static Optional<StoredImage> search(String text, List<StoredImage> images) {
        ImageNames names = ImageNames.parse(text);
        return images.stream()
                .filter(image -> names.id().map(image.id()::equals).orElse(true))
                .filter(image -> names.query()
                        .map(query -> query.matches(image.manifest(), Labels.NONE))
                        .orElse(true))
                .findFirst();
    }

    @Override
    public List<StoredImage> list() {
        return List.copyOf(here);
    }

    @Override
    public DiskTotal use() {
        return new DiskTotal(1000L * here.size(), 10L * here.size());
    }

    @Override
    public Set<ImageId> pinned() {
        return Set.of();
    }

    @Override
    public void requirePath(ImageId id, String path) {
        if (path.contains("missing")) {
            throw new AestusException(Problem.NOT_FOUND, "cannot mount " + path + ": there is nothing at that path");
        }
    }

    @Override
    public void remove(ImageId id) {
        here.removeIf(image -> image.id().equals(id));
    }

    @Override
    public Path directory() {
        return Path.of("/var/lib/aestus");
    }
}
