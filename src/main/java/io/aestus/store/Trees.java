package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Compression;
import io.aestus.aci.TreeComparison;
import io.aestus.aci.UnpackLimits;
import io.aestus.aci.Unpacker;
import io.aestus.appc.ImageId;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The files of stored images: laid out for an app, compared with their archives, written out. */
final class Trees {
    private static final int MANIFEST_MODE = 0644;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** What is in the store was admitted under the limits of its time. */
    private static final UnpackLimits STORED = UnpackLimits.DEFAULT
            .withBytes(Long.MAX_VALUE >> 1)
            .withEntries(Long.MAX_VALUE >> 3)
            .withRatio(Integer.MAX_VALUE);

    private final StoreDisk disk;
    private final ImageIndex index;
    private final Stacking stacking;

    Trees(StoreDisk disk, ImageIndex index) {
        this.disk = disk;
        this.index = index;
        this.stacking = new Stacking(disk);
    }

    ImagePin pin(StoredImage top) throws IOException {
        List<Layering.Layer> layers = Layering.of(top, index);
        List<FileLock> locks = new ArrayList<>();
        try {
            List<StoredImage> images = Stacking.distinct(layers);
            for (StoredImage image : images) {
                locks.add(lock(image));
            }
            if (layers.stream().allMatch(layer -> layer.whitelists().isEmpty())) {
                List<FileTree> trees = stacking.trees(images);
                if (stacking.canStack(trees)) {
                    return new ImagePin(trees.stream().map(FileTree::rootfs).toList(), locks);
                }
            }
            RenderedTree tree = RenderedTree.of(disk, layers);
            locks.add(tree.pin(layers));
            return new ImagePin(List.of(tree.rootfs()), locks);
        } catch (IOException | RuntimeException e) {
            locks.forEach(FileLock::close);
            throw e;
        }
    }

    private FileLock lock(StoredImage image) throws SyscallException {
        try {
            return FileLock.acquire(disk.layout().imageLock(image.id()), FileLock.Kind.SHARED, PATIENCE)
                    .orElseThrow(() -> gone(image));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                throw gone(image);
            }
            throw e;
        }
    }

    private static AestusException gone(StoredImage image) {
        return new AestusException(
                Problem.NOT_FOUND,
                "cannot use image " + image.manifest().name() + " ("
                        + image.id().abbreviated() + "): it is being removed");
    }

    Optional<InputStream> blob(ImageId id) throws IOException {
        try {
            return Optional.of(Files.newInputStream(disk.layout().blob(id)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private InputStream tar(StoredImage image) throws IOException {
        InputStream blob = blob(image.id())
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        "cannot read image " + image.manifest().name() + " ("
                                + image.id().abbreviated() + "): its archive was not kept"));
        try {
            return Compression.open(blob, STORED);
        } catch (IOException | RuntimeException e) {
            blob.close();
            throw e;
        }
    }

    void export(StoredImage image, OutputStream out) throws IOException {
        if (image.record().oci().isPresent()) {
            new OciExport(disk, image).write(out);
            return;
        }
        try (InputStream tar = tar(image)) {
            tar.transferTo(out);
        }
    }

    void extract(StoredImage image, Directory target) throws IOException {
        if (image.record().oci().isPresent()) {
            render(image, target);
            try (Fd manifest = target.createFile("manifest", MANIFEST_MODE)) {
                manifest.writeFully(
                        disk.read(disk.layout().manifest(image.id())).orElseThrow());
            }
            return;
        }
        try (InputStream tar = tar(image)) {
            Unpacker.unpack(tar, target, STORED);
        }
    }

    void render(StoredImage image, Directory target) throws IOException {
        if (!target.makeDirectory("rootfs", 0755)) {
            throw new AestusException(Problem.CONFLICT, "cannot render image: the target has a rootfs already");
        }
        try (ImagePin pin = pin(image);
                Directory root = target.openDirectory("rootfs");
                var renderer = new TreeRenderer(root, TreeRenderer.Files.COPIED)) {
            renderer.render(TreePlan.of(disk, Layering.of(image, index)));
        }
    }

    Verification verify(StoredImage image) throws IOException {
        if (image.record().oci().isPresent()) {
            return new OciVerification(disk, image, STORED).run();
        }
        try (InputStream tar = tar(image);
                Directory stored =
                        disk.data().openDirectory(disk.below(disk.layout().image(image.id())))) {
            var differences = new ArrayList<String>();
            TreeComparison.Result result = TreeComparison.compare(tar, stored, STORED);
            if (!result.id().equals(image.id())) {
                differences.add("the archive's hash is " + result.id());
            }
            differences.addAll(result.differences());
            return new Verification(image.id(), differences);
        } catch (AestusException e) {
            if (e.problem() == Problem.CORRUPT || e.problem() == Problem.INVALID) {
                return new Verification(image.id(), List.of(e.message()));
            }
            throw e;
        }
    }
}
