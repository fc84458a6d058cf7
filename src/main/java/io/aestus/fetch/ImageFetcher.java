package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.UnpackLimits;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Labels;
import io.aestus.appc.Platform;
import io.aestus.discovery.Discovery;
import io.aestus.discovery.DiscoveryPolicy;
import io.aestus.discovery.Endpoint;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Brings images into the store: found by discovery, received, verified, unpacked, and with all that they depend on. What is
 * returned is in the store and holds what the policy demands. Thread-safe; who asks waits, and may be interrupted.
 */
public final class ImageFetcher {
    private final ImageStore store;
    private final KeyStore keys;
    private final FetchConfig config;
    private final InstantSource clock;
    private final Labels platform;
    private final Platform host;
    private final TlsContexts tls;

    public ImageFetcher(ImageStore store, KeyStore keys, FetchConfig config) {
        this(store, keys, config, InstantSource.system(), Platform.host());
    }

    ImageFetcher(ImageStore store, KeyStore keys, FetchConfig config, InstantSource clock, Platform platform) {
        this.store = store;
        this.keys = keys;
        this.config = config;
        this.clock = clock;
        this.platform = platform.labels();
        this.host = platform;
        this.tls = new TlsContexts(config);
    }

    /**
     * The image that {@code reference} means, and everything it depends on.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if nobody has it; {@link Problem#UNTRUSTED} if no trusted key
     *     signed it, naming the key that did; {@link Problem#CORRUPT} if it is not what was asked for;
     *     {@link Problem#UNAVAILABLE} if asking again later may help
     */
    public StoredImage fetch(ImageReference reference, FetchPolicy policy, Progress progress) {
        StoredImage image = alone(reference, policy, progress);
        complete(image, policy, progress);
        return image;
    }

    /** The image of this name if it has this ID, and everything it depends on. */
    StoredImage fetchExactly(ImageId id, ImageQuery query, FetchPolicy policy, Progress progress) {
        StoredImage image = named(Wanted.named(query, platform).withId(id), policy, progress);
        complete(image, policy, progress);
        return image;
    }

    /** Fetches whatever {@code image} depends on, however deep, that the policy wants from a server. */
    void complete(StoredImage image, FetchPolicy policy, Progress progress) {
        new Dependencies((wanted, samePolicy) -> named(wanted, samePolicy, progress), platform).complete(image, policy);
    }

    private StoredImage alone(ImageReference reference, FetchPolicy policy, Progress progress) {
        return switch (reference) {
            case ImageReference.Id(String prefix) -> ofStore(prefix);
            case ImageReference.Name(ImageQuery query) -> named(Wanted.named(query, platform), policy, progress);
            case ImageReference.Url(URI url) -> ofUrl(url, policy, progress);
            case ImageReference.Archive(Path path) -> ofFile(path, policy, progress);
            case ImageReference.Oci(OciReference name) -> ofRegistry(name, policy, Optional.empty(), progress);
        };
    }

    private StoredImage ofStore(String prefix) {
        try {
            return store.resolve(prefix);
        } catch (IOException e) {
            throw FetchFailures.of(prefix, e);
        }
    }

    /** The image of an ID, or a name and labels: from the store if the policy says so, else from wherever discovery leads. */
    private StoredImage named(Wanted wanted, FetchPolicy policy, Progress progress) {
        Optional<StoredImage> stored = stored(wanted, policy::admits);
        if (stored.isPresent() && (wanted.id().isPresent() || policy.pull() != PullPolicy.UPDATE)) {
            return stored.get();
        }
        Optional<StoredImage> unsigned = stored.isPresent() ? Optional.empty() : stored(wanted, _ -> true);
        return unsigned.isEmpty()
                ? discovered(wanted, policy, progress)
                : signedInsteadOf(unsigned.get(), wanted, policy, progress);
    }

    /** The store has an image that nobody vouched for: only where it comes from can turn it into one that may be used. */
    private StoredImage signedInsteadOf(StoredImage unsigned, Wanted wanted, FetchPolicy policy, Progress progress) {
        String fact = "what the store has was admitted without a signature";
        String remedy = "--insecure-options=image, or name it by its ID, "
                + unsigned.id().abbreviated();
        if (policy.pull() == PullPolicy.NEVER) {
            throw new AestusException(Problem.UNTRUSTED, "cannot use image " + wanted.shown() + ": " + fact)
                    .withRemedy(remedy);
        }
        progress.notice(wanted.shown() + ": " + fact + ", asking for one");
        try {
            return discovered(wanted, policy, progress);
        } catch (AestusException e) {
            throw new AestusException(e.problem(), e.message() + "; " + fact, e).withRemedy(remedy);
        }
    }

    private StoredImage discovered(Wanted wanted, FetchPolicy policy, Progress progress) {
        requireRemote(wanted.shown(), policy);
        var meter = new Meter(wanted.shown(), progress);
        meter.enter(Progress.Phase.DISCOVERING);
        List<Endpoint> endpoints;
        var boundary = new Boundary(policy);
        try (var transport = transport(policy, boundary)) {
            endpoints = discovery(transport, policy).images(wanted.query().orElseThrow());
        }
        return firstOf(endpoints, wanted, policy, boundary, meter);
    }

    /** By ID, which is proof enough, or by name among those admitted. */
    private Optional<StoredImage> stored(Wanted wanted, Predicate<StoredImage> admits) {
        try {
            Optional<ImageId> id = wanted.id();
            return id.isPresent()
                    ? store.find(id.get())
                    : store.find(wanted.query().orElseThrow(), platform, admits);
        } catch (IOException e) {
            throw FetchFailures.of(wanted.shown(), e);
        }
    }

    /** Every place that discovery found has its turn; the first one's failure is the one to report. */
    private StoredImage firstOf(
            List<Endpoint> endpoints, Wanted wanted, FetchPolicy policy, Boundary boundary, Meter meter) {
        var failures = new ArrayList<AestusException>();
        for (Endpoint endpoint : endpoints) {
            try {
                return received(endpoint, wanted, policy, boundary, meter);
            } catch (AestusException e) {
                failures.add(e);
                if (Thread.currentThread().isInterrupted()) {
                    break;
                }
                if (failures.size() < endpoints.size()) {
                    meter.notice(e.message() + "; trying the next place");
                }
            }
        }
        throw FetchFailures.worst(failures);
    }

    private StoredImage ofUrl(URI url, FetchPolicy policy, Progress progress) {
        Wanted wanted = atPlace(url.toString(), policy);
        var meter = new Meter(wanted.shown(), progress);
        if (policy.pull() != PullPolicy.UPDATE) {
            Optional<StoredImage> stored;
            try {
                stored = Reception.fetchedFrom(url, store, policy);
            } catch (IOException e) {
                throw FetchFailures.of(wanted.shown(), e);
            }
            if (stored.isPresent()) {
                return stored.get();
            }
        }
        requireRemote(wanted.shown(), policy);
        return received(new Endpoint(url, URI.create(url + ".asc")), wanted, policy, new Boundary(policy), meter);
    }

    private StoredImage received(Endpoint endpoint, Wanted wanted, FetchPolicy policy, Boundary boundary, Meter meter) {
        return new Reception(store, keys, clock, policy, meter, () -> transport(policy, boundary))
                .run(endpoint, wanted);
    }

    /**
     * An OCI image: from the store if the policy says so, else from its registry.
     *
     * @param login how the registry knows the user; empty for what the configuration says
     * @throws AestusException as {@link #fetch}
     */
    public StoredImage pull(OciReference name, FetchPolicy policy, Optional<RegistryLogin> login, Progress progress) {
        return ofRegistry(name, policy, login, progress);
    }

    private StoredImage ofRegistry(
            OciReference name, FetchPolicy policy, Optional<RegistryLogin> login, Progress progress) {
        requireAdmitted(name, policy);
        if (name.digest().isPresent() || policy.pull() != PullPolicy.UPDATE) {
            try {
                Optional<StoredImage> stored = store.oci().find(name);
                if (stored.isPresent()) {
                    return stored.get();
                }
            } catch (IOException e) {
                throw FetchFailures.of(name.toString(), e);
            }
        }
        requireRemote(OciReference.SCHEME + name, policy);
        Optional<RegistryLogin> known = login.or(() -> config.credentials().forRegistry(name.registry()));
        List<RegistryHost> hosts = config.registries().of(name.registry(), policy.allows(Insecure.HTTP));
        Optional<Platform> wanted =
                switch (policy.platforms()) {
                    case THIS_HOST -> Optional.of(host);
                    case ANY -> Optional.empty();
                };
        return new RegistryPull(
                        store,
                        new Meter(name.toString(), progress),
                        wanted,
                        host,
                        server -> registry(server, name, known, policy))
                .run(name, hosts);
    }

    /** What a user gave for a registry is not shown to its mirrors, which have entries of their own. */
    private Registry registry(
            RegistryHost server, OciReference name, Optional<RegistryLogin> login, FetchPolicy policy) {
        Optional<RegistryLogin> own =
                server.namespace().isEmpty() ? login : config.credentials().forRegistry(server.shown());
        var boundary = new Boundary(policy);
        FetchPolicy timed = policy.within(policy.limits().dialing(server.dialTimeout()));
        return new Registry(
                server,
                name,
                own,
                timed.limits(),
                identity -> new HttpTransport(config, timed, boundary, () -> tls.forHost(server, policy), identity));
    }

    /** No registry has signatures that we could verify: a digest fixes every byte instead, or the user gives that up. */
    private static void requireAdmitted(OciReference name, FetchPolicy policy) {
        if (name.digest().isEmpty() && !policy.allows(Insecure.IMAGE)) {
            throw new AestusException(
                            Problem.UNTRUSTED,
                            "cannot use image " + name
                                    + ": nobody signs OCI images, and a tag may stand for another one tomorrow")
                    .withRemedy("--insecure-options=image, or name it by its digest, " + OciReference.SCHEME
                            + name.name() + "@sha256:…, or by its ID");
        }
    }

    private StoredImage ofFile(Path path, FetchPolicy policy, Progress progress) {
        Wanted wanted = atPlace(path.toString(), policy);
        return new ArchiveImport(store, keys, clock, policy).run(path, wanted, new Meter(wanted.shown(), progress));
    }

    private Wanted atPlace(String shown, FetchPolicy policy) {
        return Wanted.anything(
                shown,
                switch (policy.platforms()) {
                    case THIS_HOST -> platform;
                    case ANY -> Labels.NONE;
                });
    }

    private static void requireRemote(String shown, FetchPolicy policy) {
        if (policy.pull() == PullPolicy.NEVER) {
            throw new AestusException(
                            Problem.NOT_FOUND,
                            "cannot find image " + shown + ": it is not in the store, and the pull policy is never")
                    .withRemedy("aestus fetch " + shown);
        }
    }

    private HttpTransport transport(FetchPolicy policy, Boundary boundary) {
        return new HttpTransport(config, policy, boundary, () -> tls.forPolicy(policy));
    }

    private Discovery discovery(HttpTransport transport, FetchPolicy policy) {
        return new Discovery(
                new SmallFiles(transport, policy),
                new DiscoveryPolicy(policy.allows(Insecure.HTTP), policy.allows(Insecure.PUBKEY), platform));
    }

    /** Limits on what an archive may unpack to. */
    static UnpackLimits unpackLimits() {
        return UnpackLimits.DEFAULT;
    }
}
