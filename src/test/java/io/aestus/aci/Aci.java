package io.aestus.aci;

import io.aestus.appc.AcIdentifier;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Label;
import io.aestus.appc.Labels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** An image for a test: valid unless the test makes it otherwise. */
public final class Aci {
    private ImageManifest manifest;
    private final RawTar files = new RawTar().directory("rootfs");

    private Aci(ImageManifest manifest) {
        this.manifest = manifest;
    }

    public static Aci named(String name) {
        return new Aci(ImageManifest.named(AcIdentifier.parse(name)));
    }

    public Aci version(String version) {
        manifest = manifest.withLabels(Labels.of(Label.of("version", version)));
        return this;
    }

    public Aci manifest(UnaryOperator<ImageManifest> change) {
        manifest = change.apply(manifest);
        return this;
    }

    public Aci directory(String path) {
        files.directory("rootfs/" + path);
        return this;
    }

    public Aci file(String path, String content) {
        files.file("rootfs/" + path, content);
        return this;
    }

    public Aci file(String path, int mode, byte[] content) {
        files.header(new RawTar.Header("rootfs/" + path, '0', content.length).mode(mode))
                .padded(content);
        return this;
    }

    public Aci symlink(String path, String target) {
        files.symlink("rootfs/" + path, target);
        return this;
    }

    public Aci hardLink(String path, String target) {
        files.hardLink("rootfs/" + path, "rootfs/" + target);
        return this;
    }

    /** Whatever else belongs into the archive. */
    public Aci raw(Consumer<RawTar> entries) {
        entries.accept(files);
        return this;
    }

    /** The archive, uncompressed. */
    public byte[] tar() {
        return new RawTar()
                .file("manifest", new String(manifest.toBytes(), StandardCharsets.UTF_8))
                .raw(files.bytes())
                .end()
                .bytes();
    }

    public byte[] compressed(Compression compression) {
        var out = new ByteArrayOutputStream();
        try (var packed = compression.compress(out, 1)) {
            packed.write(tar());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public ImageId id() {
        return id(tar());
    }

    static ImageId id(byte[] tar) {
        try {
            return ImageId.of(MessageDigest.getInstance("SHA-512").digest(tar));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
