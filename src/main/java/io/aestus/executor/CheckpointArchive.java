package io.aestus.executor;

import io.aestus.aci.LayerWriter;
import io.aestus.aci.PlainTar;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** The one file that a checkpoint becomes. Only root may read it: it has all that was in memory. */
final class CheckpointArchive {
    /** Where CRIU's images lie. */
    static final String PROCESSES = "checkpoint";

    private static final String CHANGES = "rootfs-diff.tar";
    private static final List<String> FIRST =
            List.of("config.dump", "spec.dump", Checkpoints.LOG, "stats-dump", CHANGES);
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private CheckpointArchive() {}

    /** What ends the work when its time is up. */
    @FunctionalInterface
    interface Deadline {
        void check() throws TimeoutException;
    }

    /**
     * Writes what lies in a directory as an archive in it.
     *
     * @param upper what the app has written over its image; need not be there
     * @return the archive; on disk
     */
    static Path write(Path work, Path upper, Deadline deadline) throws IOException, TimeoutException {
        writeChanges(upper, work.resolve(CHANGES));
        deadline.check();
        Path archive = work.resolve("archive");
        try (FileChannel file = create(archive);
                OutputStream out = Channels.newOutputStream(file)) {
            var tar = new PlainTar(out);
            for (String name : FIRST) {
                Path part = work.resolve(name);
                if (Files.exists(part)) {
                    add(tar, name, part, deadline);
                }
            }
            try (Stream<Path> images = Files.list(work.resolve(PROCESSES))) {
                for (Path image : images.sorted().toList()) {
                    add(tar, PROCESSES + '/' + image.getFileName(), image, deadline);
                }
            }
            tar.finish();
            file.force(true);
        }
        return archive;
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE);
    }

    private static void writeChanges(Path upper, Path to) throws IOException {
        if (Files.isDirectory(upper)) {
            try (Directory changed = Directory.open(upper);
                    FileChannel file = create(to)) {
                LayerWriter.write(changed, Channels.newOutputStream(file));
            }
        }
    }

    private static void add(PlainTar tar, String name, Path part, Deadline deadline)
            throws IOException, TimeoutException {
        deadline.check();
        try (InputStream content = Files.newInputStream(part)) {
            tar.file(name, Files.size(part), content);
        }
    }
}
