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
        return new AppRecord(
                name,
                ordinal,
                app,
                options,
                created,
                state,
                starts + 1,
                newRestarts,
                Optional.empty(),
                false,
                false,
                Optional.empty(),
                JsonObject.EMPTY,
                List.of());
    }

    /** @param tells whether it will tell of itself */
    AppRecord running(AppState newState, ProcessIdentity main, Stage1.StartedApp started, boolean tells) {
        return new AppRecord(
                name,
                ordinal,
                app,
                options,
                created,
                newState,
                starts,
                restarts,
                tells ? Optional.of(AppNotice.NONE) : Optional.empty(),
                false,
                false,
                Optional.of(main),
                started.confinement(),
                started.isolators());
    }

    /** It has ended, or could not be started. */
    AppRecord exited(AppState.Exited end, Backoff waits) {
        return with(
                app, options, end, restarts.after(end, options.restart(), waits), Optional.empty(), false, isolators);
    }

    /** Somebody asked it to end. */
    AppRecord held() {
        return with(app, options, state, restarts.held(), notice, passesProbe, isolators);
    }

    /** It is started when somebody connects. */
    AppRecord awaiting() {
        return with(app, options, state, restarts.awaiting(), notice, passesProbe, isolators);
    }

    AppRecord withOptions(AppOptions newOptions) {
        return with(app, newOptions, state, restarts, notice, passesProbe, isolators);
    }

    AppRecord withPolicy(RestartPolicy policy, Backoff waits) {
        var changed = with(app, options.withRestart(policy), state, restarts, notice, passesProbe, isolators);
        return state instanceof AppState.Exited end ? changed.exited(end, waits) : changed;
    }

    /** @param awaits whether its {@code post-stop} handler has yet to end */
    AppRecord withHandler(boolean awaits) {
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
                awaits,
                process,
                confinement,
                isolators);
    }

    AppRecord withLimits(RuntimeApp newApp, List<IsolatorReport> newIsolators) {
        return with(newApp, options, state, restarts, notice, passesProbe, newIsolators);
    }

    AppRecord withNotice(AppNotice told) {
        return with(app, options, state, restarts, Optional.of(told), passesProbe, isolators);
    }

    /** @param passes whether its readiness probe succeeds */
    AppRecord withProbed(boolean passes) {
        return with(app, options, state, restarts, notice, passes, isolators);
    }

    /** The same with another probe: what the one before has found out counts until this one knows better. */
    AppRecord withReadiness(Optional<ReadinessProbe> probe) {
        boolean passes = passesProbe && probe.isPresent();
        return with(app, options.withReadiness(probe), state, restarts, notice, passes, isolators);
    }

    private AppRecord with(
            RuntimeApp newApp,
            AppOptions newOptions,
            AppState newState,
            AppRestarts newRestarts,
            Optional<AppNotice> newNotice,
            boolean newPassesProbe,
            List<IsolatorReport> newIsolators) {
        return new AppRecord(
                name,
                ordinal,
                newApp,
                newOptions,
                created,
                newState,
                starts,
                newRestarts,
                newNotice,
                newPassesProbe,
                awaitsHandler,
                process,
                confinement,
                newIsolators);
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
}
