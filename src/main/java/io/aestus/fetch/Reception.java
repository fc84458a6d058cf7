package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.aci.UnpackedImage;
import io.aestus.discovery.Endpoint;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.StagedImage;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Receives the image of one endpoint: signature first, so that nothing is downloaded that cannot become trusted, then the
 * archive in one pass. One process at a time receives one URL.
 */
final class Reception {
    private static final int NOT_MODIFIED = HttpURLConnection.HTTP_NOT_MODIFIED;

    private final ImageStore store;
    private final KeyStore keys;
    private final InstantSource clock;
    private final FetchPolicy policy;
    private final Meter meter;
    private final Supplier<HttpTransport> transports;

    /** @param transports each attempt has its own, since breaking an attempt off ends its transport */
    Reception(
            ImageStore store,
            KeyStore keys,
            InstantSource clock,
            FetchPolicy policy,
            Meter meter,
            Supplier<HttpTransport> transports) {
        this.store = store;
        this.keys = keys;
        this.clock = clock;
        this.policy = policy;
        this.meter = meter;
        this.transports = transports;
    }

    /** What the store has of this URL, as far as it satisfies the policy. */
    static Optional<StoredImage> fetchedFrom(URI url, ImageStore store, FetchPolicy policy) throws IOException {
        return store.list().stream()
                .filter(image -> image.record().origin().equals(url.toString()))
                .filter(policy::admits)
                .findFirst();
    }

    StoredImage run(Endpoint endpoint, Wanted wanted) {
        Instant begin = clock.instant();
        Duration limit = policy.limits().whole();
        try (Partial partial = Partial.lock(
                store.layout().downloads(), endpoint.image(), limit, () -> meter.enter(Progress.Phase.WAITING))) {
            Optional<StoredImage> known =
                    fetchedFrom(endpoint.image(), store, policy).filter(wanted::isMetBy);
            if (known.isPresent() && isFresh(known.get(), begin)) {
                return known.get();
            }
            for (int attempt = 1; ; attempt++) {
                try (HttpTransport transport = transports.get()) {
                    return new Attempt(transport, partial, known).run(endpoint, wanted);
                } catch (Download.ChangedException e) {
                    partial.discard();
                    if (attempt >= policy.limits().attempts()) {
                        throw e;
                    }
                } catch (AestusException e) {
                    boolean wasContinued = partial.wasContinued();
                    partial.discard(); // bytes that were refused are not worth keeping
                    if (!wasContinued) {
                        throw e;
                    }
                    meter.notice(e.message() + "; what an earlier download left may be damaged, beginning anew");
                }
            }
        } catch (IOException e) {
            throw FetchFailures.of(endpoint.image().toString(), e);
        }
    }

    /** Whether {@code image} need not be asked for: the server said so, or another process fetched it while we waited. */
    private boolean isFresh(StoredImage image, Instant begin) {
        ImageRecord record = image.record();
        return record.freshUntil().filter(clock.instant()::isBefore).isPresent()
                || record.imported().isAfter(begin);
    }

    /** One try over one transport. */
    private final class Attempt {
        private final HttpTransport transport;
        private final Partial partial;
        private final Optional<StoredImage> known;

        Attempt(HttpTransport transport, Partial partial, Optional<StoredImage> known) {
            this.transport = transport;
            this.partial = partial;
            this.known = known;
        }

        StoredImage run(Endpoint endpoint, Wanted wanted) throws IOException {
            meter.enter(Progress.Phase.TRUSTING);
            var files = new SmallFiles(transport, policy);
            var discovery = new KeyDiscovery(files, policy, keys, clock);
            var signature = new RemoteSignature(files, discovery, policy, keys, clock, meter);
            signature.fetch(endpoint, wanted);
            URI url = endpoint.image();
            try (Download download = Download.open(
                    transport,
                    policy.limits(),
                    url,
                    policy.allows(Insecure.HTTP),
                    partial.known(),
                    Map.of(),
                    conditions())) {
                return switch (download.status()) {
                    case HttpURLConnection.HTTP_OK -> receive(download, signature, endpoint, wanted);
                    case NOT_MODIFIED -> unchanged(url, download);
                    default -> throw FetchFailures.ofStatus(url.toString(), download.status());
                };
            }
        }

        private Map<String, String> conditions() {
            return known.flatMap(image -> image.record().etag())
                    .map(etag -> Map.of("If-None-Match", etag))
                    .orElse(Map.of());
        }

        /** As long as the server now says, nothing needs to be asked again; an answer without a time changes nothing. */
        private StoredImage unchanged(URI url, Download download) throws IOException {
            StoredImage image = known.orElseThrow(() -> FetchFailures.ofStatus(url.toString(), NOT_MODIFIED));
            Optional<Instant> freshUntil = freshUntil(download);
            return freshUntil.isEmpty() ? image : store.renew(image.id(), freshUntil);
        }

        private Optional<Instant> freshUntil(Download download) {
            Duration maxAge = download.maxAge();
            return maxAge.isZero()
                    ? Optional.empty()
                    : Optional.of(clock.instant().plus(maxAge));
        }

        private StoredImage receive(Download download, RemoteSignature signature, Endpoint endpoint, Wanted wanted)
                throws IOException {
            try (StagedImage staged = store.stage()) {
                meter.receive(0, download.total());
                InputStream archive = new WatchedInputStream(partial.join(download), (buffer, from, length) -> {
                    signature.update(buffer, from, length);
                    meter.received(length);
                });
                partial.keep(); // from here on a broken connection, or the end of this process, leaves something to
                // continue
                UnpackedImage image =
                        new Pipeline(transport::close).run(archive, staged::unpack, ImageFetcher.unpackLimits());
                List<String> signers =
                        signature.finish(partial.path(), image.manifest().name());
                wanted.check(image, partial.size());
                signature.bytes().ifPresent(bytes -> write(staged, bytes));
                staged.takeBlob(partial.path());
                StoredImage stored = store.commit(staged, record(endpoint.image(), signers, download, wanted));
                partial.discard();
                meter.enter(Progress.Phase.DONE);
                return stored;
            }
        }

        private void write(StagedImage staged, byte[] signature) {
            try {
                staged.writeSignature(signature);
            } catch (IOException e) {
                throw FetchFailures.of("signature", e);
            }
        }

        private ImageRecord record(URI url, List<String> signers, Download download, Wanted wanted) {
            ImageRecord record = ImageRecord.from(url.toString(), signers)
                    .withCaching(download.validators().etag(), freshUntil(download));
            return wanted.isAnyVersion() ? record.asLatest() : record;
        }
    }
}
