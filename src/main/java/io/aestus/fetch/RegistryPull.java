package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Platform;
import io.aestus.oci.Content;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.oci.OciArtifact;
import io.aestus.oci.OciDocument;
import io.aestus.oci.OciIndex;
import io.aestus.oci.OciManifest;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.StagedLayer;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Pulls an image: name to manifest, of those for several machines this one's, its configuration, what is missing of its layers. */
final class RegistryPull {
    private static final int DEEPEST = 4;

    /** Opens one server of the registry. */
    interface Opening {
        Registry open(RegistryHost host);
    }

    private final ImageStore store;
    private final Meter meter;
    private final Optional<Platform> platform;
    private final Platform host;
    private final Opening opening;

    /**
     * @param platform the machine that an image must be for; empty for any
     * @param host the machine that is chosen where there are several
     */
    RegistryPull(ImageStore store, Meter meter, Optional<Platform> platform, Platform host, Opening opening) {
        this.store = store;
        this.meter = meter;
        this.platform = platform;
        this.host = host;
        this.opening = opening;
    }

    /** Each server has its turn; the first one's failure is the one to report, unless it just did not have the image. */
    StoredImage run(OciReference name, List<RegistryHost> hosts) {
        var failures = new ArrayList<AestusException>();
        var answered = new HashSet<String>();
        for (RegistryHost each : hosts) {
            boolean isAsked = each.pulls() && (each.resolves() || name.digest().isPresent());
            if (!isAsked || answered.contains(each.shown())) {
                continue; // who spoke plain http does not speak TLS at the same port
            }
            try (Registry registry = opening.open(each)) {
                return pulled(name, registry, each);
            } catch (IOException e) {
                failures.add(FetchFailures.of(name + " from " + each.shown(), e));
            } catch (AestusException e) {
                failures.add(e);
                if (e.problem() != Problem.UNAVAILABLE) {
                    answered.add(each.shown());
                }
            }
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        if (failures.isEmpty()) {
            throw new AestusException(
                    Problem.NOT_FOUND,
                    "cannot fetch " + name + ": of the servers in its hosts.toml none may be asked for "
                            + (name.digest().isEmpty() ? "what a tag stands for" : "content"));
        }
        throw FetchFailures.worst(failures);
    }

    private StoredImage pulled(OciReference name, Registry registry, RegistryHost from) throws IOException {
        meter.enter(Progress.Phase.DISCOVERING);
        Content top = registry.resolve();
        OciReference pinned = name.pinnedTo(top.digest());
        List<OciReference> names = name.digest().isPresent() ? List.of(pinned) : List.of(name, pinned);
        Optional<StoredImage> here = store.oci().find(pinned);
        if (here.isPresent()) {
            store.oci().refer(here.get().id(), names);
            store.touch(here.get().id());
            return store.require(here.get().id());
        }
        Content manifest = chosen(top, registry, 0);
        var record = ImageRecord.from(OciReference.SCHEME + name + " (" + from.shown() + ")", List.of());
        return switch (OciDocument.read(manifest.bytes())) {
            case OciManifest image -> pulled(image, manifest, names, record, registry);
            case OciArtifact artifact ->
                new ArtifactAssembly(store, meter, host).run(artifact, manifest, names, record, registry::layer);
            case OciIndex _ -> throw new IllegalStateException("an index was chosen");
        };
    }

    private StoredImage pulled(
            OciManifest image, Content manifest, List<OciReference> names, ImageRecord record, Registry registry)
            throws IOException {
        String shown = names.getFirst().toString();
        Content config = registry.blob(image.config());
        var plan = new OciAssembly.Plan(
                shown, config, Optional.of(manifest), image.layers().size(), names);
        var layers = new OciAssembly.Layers() {
            @Override
            public void receive(int at, Digest diffId, StagedLayer staged) throws IOException {
                Descriptor layer = image.layers().get(at);
                registry.layer(layer, (in, breakOff) -> new LayerPass(shown, diffId, meter)
                        .receive(in, layer, staged, breakOff));
            }

            @Override
            public OptionalLong size(int at) {
                return OptionalLong.of(image.layers().get(at).size());
            }
        };
        return new OciAssembly(store, meter).run(plan, layers, platform, record);
    }

    private Content chosen(Content document, Registry registry, int depth) throws IOException {
        return switch (OciDocument.read(document.bytes())) {
            case OciManifest _, OciArtifact _ -> document;
            case OciIndex index -> {
                if (depth >= DEEPEST) {
                    throw new AestusException(
                            Problem.INVALID,
                            "cannot fetch an image: its indexes are nested more than " + DEEPEST + " deep");
                }
                Descriptor fitting = index.choose(host);
                yield chosen(registry.manifest(fitting), registry, depth + 1);
            }
        };
    }
}
