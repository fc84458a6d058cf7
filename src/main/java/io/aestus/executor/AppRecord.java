package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.RuntimeApp;
import io.aestus.json.JsonObject;
import io.aestus.linux.Signal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What {@code app.json} says of an app.
 *
 * @param ordinal its place among the apps of the pod
 * @param starts how often it was started
 * @param restarts how it stands to its restart policy
 * @param notice what it told of itself since it was started; empty unless it does such things and runs
 * @param passesProbe whether its readiness probe succeeded last, for all that its threshold allows
 * @param awaitsHandler whether it has ended, and its {@code post-stop} handler not yet
 * @param process its main process; empty until it had one
 * @param confinement what its stage1 needs to confine a further process alike
 */
record AppRecord(
        AcName name,
        long ordinal,
        RuntimeApp app,
        AppOptions options,
        Instant created,
        AppState state,
        int starts,
        AppRestarts restarts,
        Optional<AppNotice> notice,
        boolean passesProbe,
        boolean awaitsHandler,
        Optional<ProcessIdentity> process,
        JsonObject confinement,
        List<IsolatorReport> isolators) {
    AppRecord {
        isolators = List.copyOf(isolators);
    }

    static AppRecord created(AppSpec spec, long ordinal, Instant now) {
        spec.options().stopSignal().ifPresent(signal -> requireSignal(spec, signal));
        return new AppRecord(
                spec.app().name(),
                ordinal,
                spec.app(),
                spec.options(),
                now,
                new AppState.Created(),
                0,
                AppRestarts.NONE,
                Optional.empty(),
                false,
                false,
                Optional.empty(),
                JsonObject.EMPTY,
                List.of());
    }

    private static void requireSignal(AppSpec spec, String signal) {
        if (Signal.parse(signal).isEmpty()) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot add app " + spec.app().name() + ": there is no signal " + Quoted.of(signal));
        }
    }

    /** About to be started because somebody asked for it. */
    AppRecord nextStart() {
        return nextStart(AppRestarts.NONE);
    }

    /** About to be started again by its policy. */
    AppRecord nextRestart() {
        return nextStart(restarts.oneMore());
    }

    private AppRecord nextStart(AppRestarts newRestarts) {
        return with(draft -> {
            draft.starts++;
            draft.restarts = newRestarts;
            draft.notice = Optional.empty();
            draft.passesProbe = false;
            draft.awaitsHandler = false;
            draft.process = Optional.empty();
            draft.confinement = JsonObject.EMPTY;
            draft.isolators = List.of();
        });
    }

    /** @param tells whether it will tell of itself */
    AppRecord running(AppState newState, ProcessIdentity main, Stage1.StartedApp started, boolean tells) {
        return with(draft -> {
            draft.state = newState;
            draft.notice = tells ? Optional.of(AppNotice.NONE) : Optional.empty();
            draft.passesProbe = false;
            draft.awaitsHandler = false;
            draft.process = Optional.of(main);
            draft.confinement = started.confinement();
            draft.isolators = started.isolators();
        });
    }

    /** It has ended, or could not be started. */
    AppRecord exited(AppState.Exited end, Backoff waits) {
        return with(draft -> {
            draft.state = end;
            draft.restarts = restarts.after(end, options.restart(), waits);
            draft.notice = Optional.empty();
            draft.passesProbe = false;
        });
    }

    /** Somebody asked it to end. */
    AppRecord held() {
        return with(draft -> draft.restarts = restarts.held());
    }

    /** It is started when somebody connects. */
    AppRecord awaiting() {
        return with(draft -> draft.restarts = restarts.awaiting());
    }

    AppRecord withOptions(AppOptions newOptions) {
        return with(draft -> draft.options = newOptions);
    }

    AppRecord withPolicy(RestartPolicy policy, Backoff waits) {
        var changed = withOptions(options.withRestart(policy));
        return state instanceof AppState.Exited end ? changed.exited(end, waits) : changed;
    }

    /** @param awaits whether its {@code post-stop} handler has yet to end */
    AppRecord withHandler(boolean awaits) {
        return with(draft -> draft.awaitsHandler = awaits);
    }

    AppRecord withLimits(RuntimeApp newApp, List<IsolatorReport> newIsolators) {
        return with(draft -> {
            draft.app = newApp;
            draft.isolators = newIsolators;
        });
    }

    AppRecord withNotice(AppNotice told) {
        return with(draft -> draft.notice = Optional.of(told));
    }

    /** @param passes whether its readiness probe succeeds */
    AppRecord withProbed(boolean passes) {
        return with(draft -> draft.passesProbe = passes);
    }

    /** The same with another probe: what the one before has found out counts until this one knows better. */
    AppRecord withReadiness(Optional<ReadinessProbe> probe) {
        return withOptions(options.withReadiness(probe)).withProbed(passesProbe && probe.isPresent());
    }

    private AppRecord with(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    ImageId image() {
        return app.image()
                .id()
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID, "cannot run app " + name + ": its image is not given by ID"));
    }

    /** The number of the signal that asks it to end. */
    int stopSignal() {
        return options.stopSignal().flatMap(Signal::parse).orElse(Signal.SIGTERM);
    }

    Stage1.AppPlace at(Stage1.PodPlace pod, Path directory) {
        return new Stage1.AppPlace(pod, name, directory, app, options, starts, confinement);
    }

    AppStatus status(Path log) {
        return new AppStatus(
                name,
                image(),
                app,
                options,
                created,
                state,
                starts,
                restarts.due(),
                restarts.awaitsConnection(),
                notice,
                passesProbe,
                log,
                isolators,
                confinement);
    }

    /** What may change of it, being changed. */
    private final class Draft {
        private RuntimeApp app = AppRecord.this.app;
        private AppOptions options = AppRecord.this.options;
        private AppState state = AppRecord.this.state;
        private int starts = AppRecord.this.starts;
        private AppRestarts restarts = AppRecord.this.restarts;
        private Optional<AppNotice> notice = AppRecord.this.notice;
        private boolean passesProbe = AppRecord.this.passesProbe;
        private boolean awaitsHandler = AppRecord.this.awaitsHandler;
        private Optional<ProcessIdentity> process = AppRecord.this.process;
        private JsonObject confinement = AppRecord.this.confinement;
        private List<IsolatorReport> isolators = AppRecord.this.isolators;

        AppRecord finished() {
            return new AppRecord(
                    name,
                    ordinal,
                    app,
                    options,
                    created,
                    state,
                    starts,
                    restarts,
                    notice,
                    passesProbe,
                    awaitsHandler,
                    process,
                    confinement,
                    isolators);
        }
    }
}
