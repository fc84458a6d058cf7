package io.aestus.executor;

import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.EventHandler;
import io.aestus.appc.ImageId;
import io.aestus.appc.Isolators;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.Stage1.Definition;
import java.util.List;
import java.util.Optional;

/**
 * All of an app that its root and its cgroup depend on, for apps that want nothing special of them: apps with the same outline
 * differ in what they run, as whom, and in what environment.
 *
 * @param madeDirectory the working directory, where one that is missing is made
 * @param seesCgroup whether it has files of its cgroup
 */
record AppOutline(
        AcName name,
        ImageId image,
        boolean readOnlyRootFs,
        Isolators isolators,
        Optional<AbsolutePath> madeDirectory,
        boolean seesCgroup) {

    /** That of an app; empty for one whose root has something of the host's, of a volume or of another app. */
    static Optional<AppOutline> of(RuntimeApp app, AppOptions options, Definition definition) {
        App effective = definition.app();
        if (!isUsual(options)
                || !app.mounts().isEmpty()
                || !effective.mountPoints().isEmpty()
                || effective.handler(EventHandler.Event.PRE_START).isPresent()
                || definition.annotations().supportsSystemdNotify()) {
            return Optional.empty();
        }
        return Optional.of(new AppOutline(
                app.name(),
                app.image().id().orElseThrow(),
                app.readOnlyRootFs(),
                effective.isolators(),
                DockerOrigin.of(definition.annotations()).map(_ -> effective.workingDirectory()),
                definition.annotations().wantsCgroupFiles()));
    }

    private static boolean isUsual(AppOptions options) {
        return options.privilege() == AppOptions.Privilege.CONFINED
                && options.processes() == AppOptions.Processes.POD
                && options.devices().isEmpty()
                && options.mountings().isEmpty()
                && options.rlimits().isEmpty()
                && options.rights().ambientCapabilities().isEmpty()
                && options.rights().seccomp().isEmpty()
                && options.maskedPaths().isEmpty()
                && options.readOnlyPaths().isEmpty()
                && options.edits().isEmpty();
    }

    /** An app of which nothing more is known. */
    RuntimeApp app() {
        App app = App.running(List.of("/"))
                .isolators(isolators)
                .workingDirectory(madeDirectory.orElse(AbsolutePath.ROOT))
                .build();
        return RuntimeApp.of(name, RuntimeImage.of(image)).withApp(app).withReadOnlyRootFs(readOnlyRootFs);
    }
}
