package io.aestus.executor;

import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.json.JsonObject;
import io.aestus.network.Attachment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@code pod.json} and {@code manifest} say of a pod.
 *
 * @param stage1 who isolates it
 * @param cgroup where it is accounted
 * @param process its first process; empty until it had one
 * @param isPaused whether its processes stand still, while it runs
 * @param place what its stage1 wants to find again
 * @param metadata where its apps find the metadata service; empty until it runs, and if they have none
 */
record PodRecord(
        PodUuid uuid,
        PodManifest manifest,
        PodOptions options,
        Instant created,
        PodState state,
        String stage1,
        String cgroup,
        Optional<ProcessIdentity> process,
        boolean isPaused,
        JsonObject place,
        Optional<MetadataAddress> metadata,
        List<Attachment> networks,
        List<IsolatorReport> isolators) {
    PodRecord {
        networks = List.copyOf(networks);
        isolators = List.copyOf(isolators);
    }

    /** That of a new pod. */
    static PodRecord of(PodUuid uuid, PodSpec spec, Instant now, PodState state, Stage1 stage1) {
        return new PodRecord(
                uuid,
                spec.manifest(),
                spec.options(),
                now,
                state,
                stage1.name(),
                stage1.cgroup(uuid, spec.options()),
                Optional.empty(),
                false,
                JsonObject.EMPTY,
                Optional.empty(),
                List.of(),
                List.of());
    }

    /** Whether it runs on though its life was that of its apps, which have all ended. */
    boolean isOver(List<AppRecord> apps) {
        boolean isOver = state instanceof PodState.Running
                && options.life() == PodOptions.Life.UNTIL_APPS_END
                && !apps.isEmpty();
        for (AppRecord app : apps) {
            isOver &= app.state() instanceof AppState.Exited && !app.restarts().awaitsConnection();
        }
        return isOver;
    }

    /** Whether an app was there from the beginning, and so is started with the pod. */
    boolean startsWithIt(AppRecord app) {
        return app.created().equals(created);
    }

    PodRecord withOptions(PodOptions newOptions) {
        return with(draft -> draft.options = newOptions);
    }

    PodRecord withState(PodState newState) {
        return with(draft -> {
            draft.state = newState;
            draft.isPaused = false;
        });
    }

    /** Its processes stand still from here on, or go on. */
    PodRecord withPaused(boolean newPaused) {
        return with(draft -> draft.isPaused = newPaused);
    }

    PodRecord running(
            PodState newState,
            ProcessIdentity first,
            Stage1.StartedPod started,
            Optional<MetadataAddress> newMetadata) {
        return with(draft -> {
            draft.state = newState;
            draft.process = Optional.of(first);
            draft.isPaused = false;
            draft.place = started.record();
            draft.metadata = newMetadata;
            draft.networks = started.networks();
            draft.isolators = started.isolators();
        });
    }

    private PodRecord with(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    /** What is known of it and its apps. */
    PodStatus status(PodFiles files, List<AppRecord> apps) {
        return new PodStatus(
                uuid,
                manifest,
                options,
                created,
                state,
                isPaused,
                stage1,
                networks,
                isolators,
                apps.stream().map(app -> app.status(files.log(this, app))).toList());
    }

    Stage1.PodPlace at(Path directory) {
        return new Stage1.PodPlace(
                uuid, directory, manifest, options, cgroup, place, metadata.map(MetadataAddress::url));
    }

    /** What may change of it, being changed. */
    private final class Draft {
        private PodOptions options = PodRecord.this.options;
        private PodState state = PodRecord.this.state;
        private Optional<ProcessIdentity> process = PodRecord.this.process;
        private boolean isPaused = PodRecord.this.isPaused;
        private JsonObject place = PodRecord.this.place;
        private Optional<MetadataAddress> metadata = PodRecord.this.metadata;
        private List<Attachment> networks = PodRecord.this.networks;
        private List<IsolatorReport> isolators = PodRecord.this.isolators;

        PodRecord finished() {
            return new PodRecord(
                    uuid, manifest, options, created, state, stage1, cgroup, process, isPaused, place, metadata,
                    networks, isolators);
        }
    }
}
