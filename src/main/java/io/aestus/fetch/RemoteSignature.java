package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import io.aestus.discovery.Endpoint;
import io.aestus.discovery.PageSource;
import io.aestus.trust.DetachedSignature;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The signature of an image on a server: asked for before the image, unless the server answers 202, which by custom means
 * that it will have the signature once it has sent the image. Then the archive is read once more, from disk.
 */
final class RemoteSignature {
    private static final int LATER = 202;

    private final SmallFiles files;
    private final KeyDiscovery discovery;
    private final FetchPolicy policy;
    private final KeyStore keys;
    private final InstantSource clock;
    private final Meter meter;

    private byte @Nullable [] bytes;
    private @Nullable SignatureCheck check;
    private @Nullable Endpoint later;
    private Optional<AcIdentifier> name = Optional.empty();
    private String shown = "image";

    RemoteSignature(
            SmallFiles files,
            KeyDiscovery discovery,
            FetchPolicy policy,
            KeyStore keys,
            InstantSource clock,
            Meter meter) {
        this.files = files;
        this.discovery = discovery;
        this.policy = policy;
        this.keys = keys;
        this.clock = clock;
        this.meter = meter;
    }

    /**
     * Asks for it.
     *
     * @throws AestusException {@link Problem#UNTRUSTED} if there is none, or none by a trusted key; {@link
     *     Problem#NOT_FOUND} if there is no image either
     */
    void fetch(Endpoint endpoint, Wanted wanted) throws IOException {
        name = wanted.name();
        shown = wanted.shown();
        if (policy.allows(Insecure.IMAGE)) {
            meter.notice(shown + " is not checked for a signature");
        } else if (policy.signature().isPresent()) {
            begin(ArchiveImport.readSignature(policy.signature().get()));
        } else {
            PageSource.Page answer = ask(endpoint);
            if (answer.status() == LATER) {
                later = endpoint;
            } else {
                begin(answer.body());
            }
        }
    }

    private PageSource.Page ask(Endpoint endpoint) {
        URI url = endpoint.signature();
        PageSource.Page answer = files.get(url, DetachedSignature.LIMIT_BYTES, policy.allows(Insecure.HTTP));
        return switch (answer.status()) {
            case 200, LATER -> answer;
            case 404, 410 -> throw noSignature(endpoint);
            default -> throw FetchFailures.ofStatus(url.toString(), answer.status());
        };
    }

    /** Nobody is told to do without signatures for an image that is not there. */
    private AestusException noSignature(Endpoint endpoint) {
        int image = files.status(endpoint.image(), policy.allows(Insecure.HTTP));
        if (image == HttpURLConnection.HTTP_NOT_FOUND || image == HttpURLConnection.HTTP_GONE) {
            return FetchFailures.ofStatus(endpoint.image().toString(), image);
        }
        return new AestusException(
                        Problem.UNTRUSTED,
                        "cannot verify " + shown + ": there is no signature at " + endpoint.signature())
                .withRemedy("do without by --insecure-options=image");
    }

    private SignatureCheck begin(byte[] file) {
        var signature = DetachedSignature.read(file);
        if (name.isPresent()
                && policy.keys() != KeyAcceptance.NONE
                && keys.keysFor(name.get()).isEmpty()) {
            discovery.run(name.get(), meter);
        }
        var begun = SignatureCheck.begin(keys, signature, name, clock);
        bytes = file;
        check = begun;
        return begun;
    }

    /** The next bytes of the archive. */
    void update(byte[] buffer, int from, int length) {
        SignatureCheck current = check;
        if (current != null) {
            current.update(buffer, from, length);
        }
    }

    /**
     * After the last byte.
     *
     * @param archive the same bytes, on disk
     * @param manifestName the name that the image gives itself
     * @return fingerprints of those who signed; empty if the policy asks for no signature
     */
    List<String> finish(Path archive, AcIdentifier manifestName) throws IOException {
        Endpoint place = later;
        if (place != null) {
            PageSource.Page answer = ask(place);
            if (answer.status() == LATER) {
                throw new AestusException(
                        Problem.UNTRUSTED,
                        "cannot verify " + shown + ": the server still has no signature at " + place.signature());
            }
            SignatureCheck late = begin(answer.body());
            byte[] buffer = new byte[256 << 10];
            try (InputStream in = Files.newInputStream(archive)) {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    late.update(buffer, 0, count);
                }
            }
        }
        SignatureCheck current = check;
        return current == null ? List.of() : current.finish(manifestName);
    }

    /** The signature file, to be kept with the image. */
    Optional<byte[]> bytes() {
        return Optional.ofNullable(bytes);
    }
}
