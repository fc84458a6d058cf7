package io.aestus.oci;

import io.aestus.aci.Compression;
import io.aestus.aci.PlainTar;
import io.aestus.aci.RawTar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An OCI image for a test: valid unless the test makes it otherwise. */
public final class OciBuild {
    private final Map<Digest, byte[]> blobs = new LinkedHashMap<>();
    private final List<byte[]> tars = new ArrayList<>();
    private final List<Descriptor> layers = new ArrayList<>();
    private String how = "";
    private String os = "linux";
    private String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";

    /** Adds a layer, uncompressed. */
    public OciBuild layer(RawTar entries) {
        return layer(entries, Compression.GZIP);
    }

    public OciBuild layer(RawTar entries, Compression compression) {
        byte[] tar = entries.end().bytes();
        byte[] packed = compressed(tar, compression);
        tars.add(tar);
        Digest digest = Digest.sha256(packed);
        blobs.put(digest, packed);
        String type = "application/vnd.oci.image.layer.v1.tar"
                + switch (compression) {
                    case GZIP -> "+gzip";
                    case ZSTD -> "+zstd";
                    default -> "";
                };
        layers.add(Descriptor.of(type, digest, packed.length));
        return this;
    }

    /** The fields of {@code config}, as JSON without braces. */
    public OciBuild runs(String fields) {
        how = fields;
        return this;
    }

    public OciBuild on(String newOs, String newArchitecture) {
        os = newOs;
        architecture = newArchitecture;
        return this;
    }

    private static byte[] compressed(byte[] tar, Compression compression) {
        var out = new ByteArrayOutputStream();
        try (var packed = compression.compress(out, 1)) {
            packed.write(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public List<Digest> diffIds() {
        return tars.stream().map(Digest::sha256).toList();
    }

    public byte[] config() {
        String diffIds = diffIds().stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(","));
        return utf8("{\"architecture\":\"" + architecture + "\",\"os\":\"" + os + "\",\"config\":{" + how
                + "},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}");
    }

    public OciManifest manifest() {
        byte[] config = config();
        return new OciManifest(
                Descriptor.of(OciManifest.CONFIG_TYPE, Digest.sha256(config), config.length), List.copyOf(layers));
    }

    public Descriptor descriptor() {
        byte[] bytes = manifest().toBytes();
        return Descriptor.of(OciManifest.MEDIA_TYPE, Digest.sha256(bytes), bytes.length);
    }

    /** All that it is made of, by digest: layers, configuration, manifest. */
    public Map<Digest, byte[]> contents() {
        var all = new LinkedHashMap<>(blobs);
        all.put(Digest.sha256(config()), config());
        all.put(descriptor().digest(), manifest().toBytes());
        return all;
    }

    private byte[] index(String name) {
        return utf8("{\"schemaVersion\":2,\"manifests\":["
                + new String(
                        io.aestus.json.JsonWriter.compact(
                                descriptor().named(name).toJson()),
                        StandardCharsets.UTF_8)
                + "]}");
    }

    private Map<String, byte[]> layoutFiles(String name) {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
        files.put("index.json", index(name));
        contents().forEach((digest, bytes) -> files.put("blobs/" + digest.algorithm() + "/" + digest.hex(), bytes));
        return files;
    }

    /** Writes it as a directory. */
    public Path layout(Path dir, String name) throws IOException {
        for (Map.Entry<String, byte[]> file : layoutFiles(name).entrySet()) {
            Path place = dir.resolve(file.getKey());
            Files.createDirectories(place.getParent());
            Files.write(place, file.getValue());
        }
        return dir;
    }

    /** As {@code skopeo copy … oci-archive:} writes it. */
    public byte[] ociArchive(String name) {
        return tar(layoutFiles(name));
    }

    /** As {@code docker save} wrote it for ten years. */
    public byte[] dockerArchive(String... tags) {
        var files = new LinkedHashMap<String, byte[]>();
        var paths = new ArrayList<String>();
        for (int i = 0; i < tars.size(); i++) {
            String path = "layer" + i + "/layer.tar";
            files.put(path, tars.get(i));
            paths.add("\"" + path + "\"");
        }
        String config = Digest.sha256(config()).hex() + ".json";
        files.put(config, config());
        String names = List.of(tags).stream().map(tag -> "\"" + tag + "\"").collect(Collectors.joining(","));
        files.put(
                "manifest.json",
                utf8("[{\"Config\":\"" + config + "\",\"RepoTags\":[" + names + "],\"Layers\":["
                        + String.join(",", paths) + "]}]"));
        return tar(files);
    }

    private static byte[] tar(Map<String, byte[]> files) {
        var out = new ByteArrayOutputStream();
        try {
            var tar = new PlainTar(out);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                tar.file(file.getKey(), file.getValue());
            }
            tar.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
