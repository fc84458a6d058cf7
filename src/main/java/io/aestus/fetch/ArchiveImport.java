package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.UnpackedImage;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.StagedImage;
import io.aestus.store.StoredImage;
import io.aestus.trust.DetachedSignature;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Brings an archive of this host into the store, with the signature beside it: the one pass without a server. */
final class ArchiveImport {
    private final ImageStore store;
    private final KeyStore keys;
    private final InstantSource clock;
    private final FetchPolicy policy;

    ArchiveImport(ImageStore store, KeyStore keys, InstantSource clock, FetchPolicy policy) {
        this.store = store;
        this.keys = keys;
        this.clock = clock;
        this.policy = policy;
    }

    StoredImage run(Path path, Wanted wanted, Meter meter) {
        try {
            meter.enter(Progress.Phase.TRUSTING);
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            byte @Nullable [] signature = policy.allows(Insecure.IMAGE) ? null : signatureOf(path);
            SignatureCheck check = signature == null
                    ? null
                    : SignatureCheck.begin(keys, DetachedSignature.read(signature), Optional.empty(), clock);
            try (InputStream file = Files.newInputStream(path);
                    StagedImage staged = store.stage()) {
                meter.receive(0, OptionalLong.of(Files.size(path)));
                OutputStream blob = staged.blob();
                var watched = new WatchedInputStream(file, (buffer, from, length) -> {
                    if (check != null) {
                        check.update(buffer, from, length);
                    }
                    blob.write(buffer, from, length);
                    meter.received(length);
                });
                UnpackedImage image = new Pipeline(() -> {}).run(watched, staged::unpack, ImageFetcher.unpackLimits());
                List<String> signers = check == null
                        ? List.of()
                        : check.finish(image.manifest().name());
                wanted.check(image, Files.size(path));
                if (signature != null) {
                    staged.writeSignature(signature);
                }
                StoredImage stored = store.commit(staged, ImageRecord.from(path.toString(), signers));
                meter.enter(Progress.Phase.DONE);
                return stored;
            }
        } catch (NoSuchFileException e) {
            throw new AestusException(
                    Problem.NOT_FOUND, "cannot fetch " + path + ": there is no file " + e.getFile(), e);
        } catch (IOException e) {
            throw FetchFailures.of(path.toString(), e);
        }
    }

    private byte[] signatureOf(Path path) throws IOException {
        Path file = policy.signature().orElseGet(() -> path.resolveSibling(path.getFileName() + ".asc"));
        if (!Files.exists(file)) {
            throw new AestusException(Problem.UNTRUSTED, "cannot verify " + path + ": there is no signature " + file)
                    .withRemedy("give it with --signature FILE, or do without by --insecure-options=image");
        }
        return readSignature(file);
    }

    static byte[] readSignature(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(DetachedSignature.LIMIT_BYTES + 1); // one more is refused when it is read
        }
    }
}
