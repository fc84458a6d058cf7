package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.RuntimeApp;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of an app at one moment.
 *
 * @param app as added
 * @param options as added
 * @param starts how often it was started
 * @param due when its restart policy has it started again; empty unless it waits for that
 * @param awaitsConnection whether it is started when somebody connects to one of its ports
 * @param notice what it told of itself since it was started; empty unless it does such things, and runs
 * @param passesProbe whether its readiness probe succeeds, as far as whoever looks after the pod has found out
 * @param logPath where its log is, absolute
 * @param isolators what became of its isolators
 * @param confinement how its isolation confines it, in its own words; empty before it was started
 */
public record AppStatus(
        AcName name,
        ImageId image,
        RuntimeApp app,
        AppOptions options,
        Instant created,
        AppState state,
        int starts,
        Optional<Instant> due,
        boolean awaitsConnection,
        Optional<AppNotice> notice,
        boolean passesProbe,
        Path logPath,
        List<IsolatorReport> isolators,
        JsonObject confinement) {
    public AppStatus {
        isolators = List.copyOf(isolators);
    }

    /** As whom its programs run; empty before it was started. */
    public Optional<AppUser> user() {
        return confinement.isEmpty()
                ? Optional.empty()
                : Optional.of(Confinement.userIn(JsonView.of(confinement, "the record of the app")));
    }

    /**
     * Whether it runs and, if it is one that tells, has told that it is ready, and its probe, if it has one, succeeds; or it runs as
     * soon as somebody connects.
     */
    public boolean isReady() {
        return awaitsConnection
                || (state instanceof AppState.Running
                        && notice.map(AppNotice::isReady).orElse(true)
                        && (options.readiness().isEmpty() || passesProbe));
    }
}
