package io.aestus.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aestus.appc.ImageId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image for tests: valid by default. */
public final class TestImage {
    private final String name;
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final List<String> dependencies = new ArrayList<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    private TestImage(String name) {
        this.name = name;
    }

    public static TestImage named(String name) {
        return new TestImage(name).file("etc/name", name.getBytes(UTF_8));
    }

    public TestImage label(String label, String value) {
        labels.put(label, value);
        return this;
    }

    TestImage dependsOn(String dependency) {
        dependencies.add("{\"imageName\": \"" + dependency + "\"}");
        return this;
    }

    TestImage dependsOn(String dependency, ImageId id) {
        dependencies.add("{\"imageName\": \"" + dependency + "\", \"imageID\": \"" + id + "\"}");
        return this;
    }

    TestImage file(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    /** The archive as a server has it. */
    public byte[] aci() {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(tar());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    public ImageId id() {
        try {
            return ImageId.of(MessageDigest.getInstance("SHA-512").digest(tar()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] tar() {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            add(tar, "manifest", manifest().getBytes(UTF_8));
            add(tar, "rootfs/", new byte[0]);
            for (var file : files.entrySet()) {
                add(tar, "rootfs/" + file.getKey(), file.getValue());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    private static void add(TarArchiveOutputStream tar, String path, byte[] content) throws IOException {
        var entry = new TarArchiveEntry(path);
        entry.setModTime(0);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private String manifest() {
        var pairs = labels.entrySet().stream()
                .map(label -> "{\"name\": \"" + label.getKey() + "\", \"value\": \"" + label.getValue() + "\"}")
                .toList();
        return """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "%s",
                 "labels": [%s], "dependencies": [%s],
                 "app": {"exec": ["/bin/true"], "user": "0", "group": "0"}}
                """.formatted(name, String.join(", ", pairs), String.join(", ", dependencies));
    }
}
