package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Platform;
import io.aestus.oci.Content;
import io.aestus.oci.Digest;
import io.aestus.oci.ImageConfig;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.LayerTurns;
import io.aestus.store.OciImages;
import io.aestus.store.StagedLayer;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Puts an OCI image into the store: what it lacks of the layers, several at once, then the image, then its names. Layers that came
 * whole stay when others fail, so that the next attempt has less to do.
 */
final class OciAssembly {
    /** Each has two threads of its own; more made nothing faster on two processors. */
    private static final int AT_ONCE = 3;

    private static final int ATTEMPTS = 3;

    /** For somebody else who brings a layer. */
    private static final Duration PATIENCE = FetchLimits.STANDARD.whole();

    /** Where layers come from. */
    interface Layers {
        /**
         * Brings a layer and confirms it. Called on several threads.
         *
         * @param at its place in the manifest
         */
        void receive(int at, Digest diffId, StagedLayer staged) throws IOException;

        /** How long it is, for showing progress. */
        OptionalLong size(int at);
    }

    /**
     * What is to be put together.
     *
     * @param shown as it was asked for
     * @param config as its digest was checked
     * @param manifest by which it came, if there was one
     * @param layers how many the manifest has
     * @param names under which it is found from then on
     */
    record Plan(String shown, Content config, Optional<Content> manifest, int layers, List<OciReference> names) {}

    private final ImageStore store;
    private final Meter meter;

    OciAssembly(ImageStore store, Meter meter) {
        this.store = store;
        this.meter = meter;
    }

    /**
     * Brings what is missing.
     *
     * @param host the machine that it must be for; empty for any
     */
    StoredImage run(Plan plan, Layers source, Optional<Platform> host, ImageRecord record) throws IOException {
        ImageConfig config = ImageConfig.read(plan.config().bytes());
        check(plan, config, host);
        var pins = new ArrayList<OciImages.LayerPin>();
        try {
            bring(config, source, pins);
            StoredImage stored =
                    store.oci().commit(new OciImages.Arrival(plan.config(), plan.manifest(), plan.names()), record);
            meter.enter(Progress.Phase.DONE);
            return stored;
        } finally {
            pins.forEach(OciImages.LayerPin::close);
        }
    }

    private static void check(Plan plan, ImageConfig config, Optional<Platform> host) {
        if (config.layers().size() != plan.layers()) {
            throw new AestusException(
                    Problem.CORRUPT,
                    "cannot fetch " + plan.shown() + ": its manifest has " + plan.layers()
                            + " layers, its configuration " + config.layers().size());
        }
        if (host.isPresent() && !config.appcPlatform().equals(host.get())) {
            throw new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot fetch " + plan.shown() + ": it is for " + config.platform() + ", and this host is "
                                    + host.get())
                    .withRemedy("--any-platform, if it is not to run here");
        }
    }

    /** Of a layer that is there twice one is enough; one that somebody else is bringing is waited for. */
    private void bring(ImageConfig config, Layers source, List<OciImages.LayerPin> pins) throws IOException {
        var missing = new LinkedHashMap<Digest, Integer>();
        for (int at = 0; at < config.layers().size(); at++) {
            missing.putIfAbsent(config.layers().get(at), at);
        }
        pin(missing, missing.keySet(), pins);
        meter.receive(0, total(missing, source));
        while (!missing.isEmpty()) {
            try (LayerTurns ours = store.oci().turns(missing.keySet(), PATIENCE)) {
                pin(missing, ours.layers(), pins);
                var absent = new LinkedHashMap<>(missing);
                absent.keySet().retainAll(ours.layers());
                bring(absent, source, pins);
                missing.keySet().removeAll(ours.layers());
            }
        }
    }

    /** Keeps what is here, which is missing no more. */
    private void pin(Map<Digest, Integer> missing, Set<Digest> wanted, List<OciImages.LayerPin> pins)
            throws IOException {
        for (Digest diffId : List.copyOf(wanted)) {
            Optional<OciImages.LayerPin> here = store.oci().pin(diffId);
            if (here.isPresent()) {
                pins.add(here.get());
                missing.remove(diffId);
            }
        }
    }

    private void bring(Map<Digest, Integer> absent, Layers source, List<OciImages.LayerPin> pins) throws IOException {
        var staged = Collections.synchronizedList(new ArrayList<StagedLayer>());
        try {
            try {
                receive(absent, source, staged);
            } finally {
                pins.add(store.oci().commitLayers(List.copyOf(staged)));
            }
        } finally {
            for (StagedLayer layer : staged) {
                layer.close();
            }
        }
    }

    private static OptionalLong total(Map<Digest, Integer> missing, Layers source) {
        long total = 0;
        for (int at : missing.values()) {
            OptionalLong size = source.size(at);
            if (size.isEmpty()) {
                return OptionalLong.empty();
            }
            total += size.getAsLong();
        }
        return OptionalLong.of(total);
    }

    /** What changes or breaks off beyond repair while it arrives is asked for again. */
    private StagedLayer received(int at, Digest diffId, Layers source) throws IOException {
        for (int attempt = 1; ; attempt++) {
            StagedLayer staged = store.oci().stageLayer();
            boolean isDone = false;
            try {
                source.receive(at, diffId, staged);
                isDone = true;
                return staged;
            } catch (Download.ChangedException e) {
                if (attempt >= ATTEMPTS) {
                    throw e;
                }
            } finally {
                if (!isDone) {
                    staged.close();
                }
            }
        }
    }

    private void receive(Map<Digest, Integer> missing, Layers source, List<StagedLayer> staged) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(
                AT_ONCE, Thread.ofPlatform().name("aestus-layer-", 0).factory())) {
            var running = new ArrayList<Future<?>>();
            missing.forEach((diffId, at) ->
                    running.add(threads.submit((Callable<Boolean>) () -> staged.add(received(at, diffId, source)))));
            try {
                for (Future<?> each : running) {
                    each.get();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                threads.shutdownNow();
                throw new InterruptedIOException("interrupted");
            } catch (ExecutionException e) {
                threads.shutdownNow(); // the others are in vain
                throw failure(e);
            }
        }
    }

    private static IOException failure(ExecutionException failed) {
        return switch (failed.getCause()) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> new IOException(failed);
        };
    }
}
