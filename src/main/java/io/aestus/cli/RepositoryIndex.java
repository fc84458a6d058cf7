package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.aci.ImageArchive;
import io.aestus.aci.UnpackLimits;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Labels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What a directory has to publish: archives, with the names and labels of their manifests; signatures; keys. The directory is
 * read anew for each question, manifests only when a file changed. Thread-safe.
 */
final class RepositoryIndex {
    private static final String ARCHIVE = ".aci";
    private static final String SIGNATURE = ".aci.asc";
    private static final int KEY_HEAD = 4096;

    private final Path dir;
    private final Consumer<String> notices;
    private final Map<Path, Known> known = new HashMap<>();

    /** An image in a file. */
    record Image(Path file, ImageManifest manifest) {
        String version() {
            return manifest.labels().version().orElse("");
        }
    }

    private record Known(FileTime changed, long size, Optional<ImageManifest> manifest) {}

    /** @param notices told of files that are no images */
    RepositoryIndex(Path dir, Consumer<String> notices) {
        this.dir = dir;
        this.notices = notices;
    }

    /** The file of that name, if it is one that is published. */
    Optional<Path> file(String name) throws IOException {
        return files().stream()
                .filter(file -> file.getFileName().toString().equals(name))
                .findFirst();
    }

    /** All images, by file name. */
    synchronized List<Image> images() throws IOException {
        List<Path> archives = files().stream()
                .filter(file -> file.toString().endsWith(ARCHIVE))
                .toList();
        known.keySet().retainAll(archives);
        return archives.stream()
                .flatMap(file -> manifest(file).map(manifest -> new Image(file, manifest)).stream())
                .toList();
    }

    /** The keys that images here may be signed with. */
    List<Path> keys() throws IOException {
        return files().stream()
                .filter(file ->
                        !file.toString().endsWith(ARCHIVE) && !file.toString().endsWith(SIGNATURE))
                .toList();
    }

    /**
     * The image that a client means: of exactly this name, of this version or the highest for {@code latest}, and not for
     * another platform.
     */
    Optional<Image> find(String name, String version, String os, String arch) throws IOException {
        return images().stream()
                .filter(image -> image.manifest().name().value().equals(name))
                .filter(image -> version.equals("latest") || image.version().equals(version))
                .filter(image -> isFree(image.manifest().labels(), Labels.OS, os))
                .filter(image -> isFree(image.manifest().labels(), Labels.ARCH, arch))
                .max(Comparator.comparing(Image::version, RepositoryIndex::compareVersions));
    }

    private static boolean isFree(Labels labels, String label, String asked) {
        return labels.get(label).map(asked::equals).orElse(true);
    }

    /** Whether an image of this name, or one below it, is published. */
    boolean covers(String name) throws IOException {
        return images().stream()
                .map(image -> image.manifest().name().value())
                .anyMatch(each -> each.equals(name) || each.startsWith(name + "/"));
    }

    /** 1.10 comes after 1.9, and 1.0 after 1.0-rc: numbers by value, an end before more numbers but after a suffix. */
    static int compareVersions(String one, String other) {
        String[] a = one.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)", -1);
        String[] b = other.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)", -1);
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            int order = isNumber(a[i]) && isNumber(b[i])
                    ? new java.math.BigInteger(a[i]).compareTo(new java.math.BigInteger(b[i]))
                    : a[i].compareTo(b[i]);
            if (order != 0) {
                return order;
            }
        }
        if (a.length == b.length) {
            return 0;
        }
        boolean isSuffix = (a.length > b.length ? a[b.length] : b[a.length]).startsWith("-");
        return Integer.compare(a.length, b.length) * (isSuffix ? -1 : 1);
    }

    private static boolean isNumber(String part) {
        return !part.isEmpty() && part.charAt(0) >= '0' && part.charAt(0) <= '9';
    }

    private Optional<ImageManifest> manifest(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Known before = known.get(file);
            if (before != null
                    && before.changed().equals(attributes.lastModifiedTime())
                    && before.size() == attributes.size()) {
                return before.manifest();
            }
            Optional<ImageManifest> manifest = read(file);
            known.put(file, new Known(attributes.lastModifiedTime(), attributes.size(), manifest));
            return manifest;
        } catch (IOException e) {
            notices.accept(file + " is not published: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<ImageManifest> read(Path file) throws IOException {
        try (InputStream archive = Files.newInputStream(file)) {
            return Optional.of(ImageArchive.manifest(archive, UnpackLimits.DEFAULT));
        } catch (AestusException e) {
            notices.accept(file + " is not published: " + e.message());
            return Optional.empty();
        }
    }

    /** Only plain files directly in the directory, and only of the kinds that a repository is made of. */
    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(RepositoryIndex::isPublished)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isPublished(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(ARCHIVE)
                || name.endsWith(SIGNATURE)
                || (name.endsWith(".gpg") && !isSecret(file))
                || (name.endsWith(".asc") && head(file).contains("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    }

    /** A binary key file begins with a packet's tag: 5 and 7 are secret keys, which must not get out by mistake. */
    private static boolean isSecret(Path file) {
        String head = head(file);
        if (head.contains("PRIVATE KEY") || head.isEmpty()) {
            return true;
        }
        int first = head.charAt(0);
        int tag = (first & 0x40) != 0 ? first & 0x3f : (first >> 2) & 0xf;
        return (first & 0x80) != 0 && (tag == 5 || tag == 7);
    }

    private static String head(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(KEY_HEAD), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return ""; // gone or unreadable: not published
        }
    }
}
