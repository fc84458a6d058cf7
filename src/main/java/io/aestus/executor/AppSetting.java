package io.aestus.executor;

import io.aestus.appc.App;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.Isolators;
import io.aestus.appc.Mounts;
import io.aestus.appc.ResolvedMount;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An app about to be started: what it is, where it lives, whose users it has. From this its root is assembled, once for each
 * of its programs: a root is used up by the child that attaches it.
 *
 * @param mounts of volumes, outer ones first, and of what else the host has for the app; but for devices
 * @param devices of the host, that it may use
 * @param range the pod's users
 * @param users the pod's user namespace, if it has one. Owned
 * @param firstProcess the pod's. Lent
 * @param companion the process of the app whose processes it shall see, if there is one. Lent
 * @param rootSource what the mount at its root says as its source
 * @param images where those are that it has as volumes
 * @param readyDevices those that were made ahead for apps of whichever pod
 */
record AppSetting(
        AppPlace place,
        Stage1.Definition definition,
        List<Path> layers,
        List<ResolvedMount> mounts,
        List<HostDevice> devices,
        UserRange range,
        Optional<Fd> users,
        PidFd firstProcess,
        Optional<PidFd> companion,
        String rootSource,
        ImageTrees images,
        ReadyDevices readyDevices)
        implements AutoCloseable {
    static AppSetting open(
            AppPlace place,
            Stage1.Definition definition,
            List<Path> layers,
            PidFd firstProcess,
            String rootSource,
            ImageTrees images,
            ReadyDevices readyDevices)
            throws IOException {
        PodContext pod = PodContext.read(place.pod().record());
        List<ResolvedMount> mounts = mounts(place, definition);
        var devices = new ArrayList<>(
                HostDevice.of(place.options(), place.pod().manifest().isolators()));
        var others = new ArrayList<ResolvedMount>();
        for (ResolvedMount mount : mounts) {
            HostDevice.of(mount).ifPresentOrElse(devices::add, () -> others.add(mount));
        }
        Optional<Fd> users = Optional.empty();
        if (pod.users().isPrivate()) {
            try (Directory namespaces = Directory.open(Path.of("/proc/" + pod.firstProcess() + "/ns"))) {
                users = Optional.of(namespaces.openKernelLink("user"));
            }
            requireAlive(firstProcess, users.get());
        }
        return new AppSetting(
                place,
                definition,
                layers,
                List.copyOf(others),
                List.copyOf(devices),
                pod.users(),
                users,
                firstProcess,
                Optional.empty(),
                rootSource,
                images,
                readyDevices);
    }

    /** The same among the processes of another app. */
    AppSetting among(Optional<PidFd> other) {
        return with(place, definition, other);
    }

    /** The same of another app that has the same outline, and is where this one was to be. */
    AppSetting of(AppPlace other, Stage1.Definition itsDefinition) {
        return with(other, itsDefinition, companion);
    }

    private AppSetting with(AppPlace newPlace, Stage1.Definition newDefinition, Optional<PidFd> newCompanion) {
        return new AppSetting(
                newPlace,
                newDefinition,
                layers,
                mounts,
                devices,
                range,
                users,
                firstProcess,
                newCompanion,
                rootSource,
                images,
                readyDevices);
    }

    private static List<ResolvedMount> mounts(AppPlace place, Stage1.Definition definition) {
        var mounts = new ArrayList<>(Mounts.resolve(
                place.app(), definition.app(), place.pod().manifest().volumes()));
        if (definition.annotations().supportsSystemdNotify()) {
            mounts.add(NoticePlace.mount(place.directory()));
        }
        return mounts;
    }

    /** All of them, those included that are devices. */
    List<ResolvedMount> allMounts() {
        return mounts(place, definition);
    }

    App app() {
        return definition.app();
    }

    /** With what its own program finds in its environment, and no event handler does. */
    Confinement equipped(Confinement confinement) {
        return definition.annotations().supportsSystemdNotify()
                ? confinement.with(
                        confinement.workingDirectory(),
                        AppEnvironment.with(confinement.environment(), NoticePlace.VARIABLES))
                : confinement;
    }

    /** Its number cannot have come to mean another process as long as it is there. */
    private static void requireAlive(PidFd firstProcess, Fd users) throws IOException {
        if (!firstProcess.signal(0)) {
            users.close();
            throw new IOException("cannot start the app: the first process of the pod is gone");
        }
    }

    /** What SELinux is to see on the files of its root. */
    Optional<String> fileLabel() {
        return SecurityLabels.ofHost().ofFiles(app().isolators(), podIsolators());
    }

    /** Puts together what the app will see. */
    AppRoot assemble(Cleanup undo) throws IOException {
        AppRoot root = AppRoot.assemble(layers, rootSource, place.directory(), range, users, fileLabel(), undo);
        try {
            makeWorkingDirectory(root);
            var targets = new Targets(root.directory(), range);
            boolean own = coversOwn();
            if (seesPod()) {
                root.move(own ? PodTemplate.RAW_PROC : PodTemplate.PROC, targets.ownDirectory("proc"), "move proc");
            } else {
                root.attachProcesses(targets.ownDirectory("proc"));
            }
            root.move(own ? PodTemplate.RAW_SYS : PodTemplate.SYS, targets.ownDirectory("sys"), "move sys");
            DeviceTree tree = root.owns(deviceTree());
            var volumes = new AppVolumes(this, content(root));
            Directory dev = addDevices(root, targets.ownDirectory("dev"), tree, volumes);
            tree.attachTerminals(root, dev);
            for (String shared : List.of(PodTemplate.SHM, PodTemplate.MQUEUE)) {
                String name = shared.substring(1);
                if (dev.find(name).isPresent()) {
                    root.move(shared, dev.openPath(name), "move dev/" + name);
                }
            }
            addConfiguration(root, targets);
            volumes.addTo(root, Optional.of(dev), mounts);
            return root;
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        }
    }

    /** The app's own devices, or those of a volume that is mounted in their place; takes the target. */
    private Directory addDevices(AppRoot root, Fd target, DeviceTree own, AppVolumes volumes) throws IOException {
        Optional<Fd> volume = volumes.devices(mounts);
        if (volume.isEmpty()) {
            own.attachTo(root, target);
            return own.directory();
        }
        root.attach(volume.get(), target, "mount a volume on /dev");
        return Directory.of(volume.get());
    }

    private Optional<DockerOrigin> docker() {
        return DockerOrigin.of(definition.annotations());
    }

    /** What volumes begin with that nobody gave the app. */
    Optional<VolumeContent> content(AppRoot root) {
        return docker().map(_ -> new VolumeContent(root.directory()));
    }

    /** Who makes images for Docker expects a working directory that is missing to be made. */
    void makeWorkingDirectory(AppRoot root) throws IOException {
        if (docker().isPresent()) {
            new Targets(root.directory(), range)
                    .directory(app().workingDirectory().value())
                    .close();
        }
    }

    /** One that was made ahead has nothing but what every app may use. */
    private DeviceTree deviceTree() throws IOException {
        var ready = devices.isEmpty() ? readyDevices.take(place.pod().uuid()) : Optional.<DeviceTree>empty();
        return ready.isPresent() ? ready.get() : DeviceTree.make(range, devices);
    }

    /** The pod's files in {@code /etc}, but for those that a volume brings, and a hosts file that the image has. */
    private void addConfiguration(AppRoot root, Targets targets) throws IOException {
        for (String name : PodConfiguration.untaken(mounts)) {
            String path = "/etc/" + name;
            root.copy(PodTemplate.ETC + "/" + name, targets.file(path), "mount " + path);
        }
    }

    /** Which processes it sees: its own where those of another app are gone, as for what runs after its end. */
    AppOptions.Processes processes() {
        AppOptions.Processes wanted = place.options().processes();
        return wanted == AppOptions.Processes.OTHER_APP && companion.isEmpty() ? AppOptions.Processes.APP : wanted;
    }

    /** Whether the app sees the processes of its pod, as is usual. */
    boolean seesPod() {
        return place.options().processes() == AppOptions.Processes.POD;
    }

    /** Whether the app asks for other things to be covered than is usual. */
    private boolean coversOwn() {
        var options = place.options();
        return options.privilege() == AppOptions.Privilege.PRIVILEGED
                || options.maskedPaths().isPresent()
                || options.readOnlyPaths().isPresent();
    }

    /** Adds the steps that cover what the app itself asks for, when its root is attached and not entered yet. */
    void coverOwn(ChildMounts mounts) {
        if (place.options().privilege() == AppOptions.Privilege.PRIVILEGED || (seesPod() && !coversOwn())) {
            return;
        }
        Covers.addTo(
                mounts,
                PodTemplate.APP,
                place.options().readOnlyPaths().orElse(Covers.READ_ONLY),
                place.options().maskedPaths().orElse(coversOwn() ? Covers.MASKED : Covers.MASKED_PROCESSES));
    }

    /** What bounds all apps of the pod. */
    Isolators podIsolators() {
        return place.pod().manifest().isolators();
    }

    Confinement confinement(AppRoot root, Optional<SecurityLabels.Label> label, List<String> unknownCalls)
            throws IOException {
        AppIdentity identity =
                AppIdentity.resolve(app(), place.options().rights().groups(), root.directory(), range);
        List<String> environment = AppEnvironment.of(place, app(), identity.home());
        Confinement wanted = Confinement.of(app(), place.options(), identity, label, environment, unknownCalls);
        return range.isPrivate() ? wanted : wanted.within(HostProcess.capabilities());
    }

    @Override
    public void close() {
        users.ifPresent(Fd::close);
    }
}
