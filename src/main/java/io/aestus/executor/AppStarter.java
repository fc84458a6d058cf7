package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.AppStart;
import io.aestus.executor.Stage1.ExecStart;
import io.aestus.executor.Stage1.StartedApp;
import io.aestus.executor.Stage1.StartedProcess;
import java.io.IOException;

/** Starts processes in a pod that runs: ourselves, or by a runtime that we ask. */
sealed interface AppStarter permits AppLauncher, OciLauncher {
    /** The app's own process, after its {@code pre-start} handler. */
    StartedApp start(AppStart start) throws IOException;

    /** A further process in an app that runs. */
    StartedProcess exec(ExecStart start) throws IOException;

    /** After the last process of an app, its cgroup being there still: runs its {@code post-stop} handler. */
    void runPostStop(AppPlace place, HandlerOutput output) throws IOException;
}
