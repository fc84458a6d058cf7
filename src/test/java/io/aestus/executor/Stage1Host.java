package io.aestus.executor;

import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.json.JsonObject;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.Pipe;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.SyscallException;
import io.aestus.network.Attachment;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A stage1 on this host with one small image, and pods in it, without the executor around: the seam itself. */
final class Stage1Host implements AutoCloseable {
    private static final ImageId IMAGE = new ImageId("ab".repeat(64));

    final Path directory;
    final Path image;
    final Stage1 stage1;
    /** Of one with launches as a test wants them. */
    private @Nullable Groundwork ground;

    Stage1Host(Path directory) throws IOException {
        this(directory, NetworkSettings.of(directory, List.of()));
    }

    /** With that isolation. */
    Stage1Host(Path directory, Stage1Name stage1) throws IOException {
        this(directory, NetworkSettings.of(directory, List.of()), stage1, 0);
    }

    /** With the networks that these settings lead to. */
    Stage1Host(Path directory, NetworkSettings networks) throws IOException {
        this(directory, networks, new Stage1Name.Native(), 0);
    }

    /** With launches as a test wants them. */
    Stage1Host(Path directory, ProcessLauncher launcher) throws IOException {
        this(directory, (images, host) -> {
            var ground = Groundwork.lay(
                    launcher,
                    directory,
                    images,
                    () -> PodNetworks.of(NetworkSettings.of(directory, List.of())),
                    Clock.systemUTC());
            host.ground = ground;
            return new NativeStage1(ground, 0);
        });
    }

    private Stage1Host(Path directory, NetworkSettings networks, Stage1Name stage1, int spares) throws IOException {
        this(directory, (images, _) -> Stage1s.ofHost(
                        directory, images, () -> PodNetworks.of(networks), Clock.systemUTC(), stage1, spares)
                .choose(Optional.empty()));
    }

    /** Makes an isolation for images. */
    @FunctionalInterface
    private interface Maker {
        Stage1 make(ImageTrees images, Stage1Host host) throws IOException;
    }

    private Stage1Host(Path directory, Maker maker) throws IOException {
        this.directory = directory;
        this.image = directory.resolve("image/rootfs");
        if (!Files.exists(image)) { // else another process of this test made it
            BusyboxTree.make(image);
        }
        this.stage1 = maker.make(new OneImage(), this);
    }

    /** With pods that are made ahead. */
    static Stage1Host withSpares(Path directory, int spares) throws IOException {
        return withSpares(directory, NetworkSettings.of(directory, List.of()), spares);
    }

    /** The same, with networks. */
    static Stage1Host withSpares(Path directory, NetworkSettings networks, int spares) throws IOException {
        return new Stage1Host(directory, networks, new Stage1Name.Native(), spares);
    }

    /** What isolates pods, where that is built in. */
    NativeStage1 builtIn() {
        return (NativeStage1) stage1;
    }

    private final class OneImage implements ImageTrees {
        @Override
        public ImageManifest manifest(ImageId id) {
            return ImageManifest.named(AcIdentifier.parse("example.com/busybox"));
        }

        @Override
        public List<Path> layers(ImageId id) {
            return List.of(image);
        }
    }

    static App app(String... exec) {
        return App.running(List.of(exec)).build();
    }

    static App shell(String script) {
        return app("/bin/sh", "-c", script);
    }

    RunningPod start(PodOptions options, List<Volume> volumes) throws IOException {
        return start(PodManifest.of().withVolumes(volumes), options);
    }

    RunningPod start(PodOptions options) throws IOException {
        return start(PodManifest.of(), options);
    }

    RunningPod start(PodManifest manifest, PodOptions options) throws IOException {
        PodPlace place = place(manifest, options);
        try {
            return startOnly(place);
        } catch (IOException | RuntimeException e) {
            discard(place);
            throw e;
        }
    }

    /** Where a pod is to be. */
    PodPlace place(PodManifest manifest, PodOptions options) throws IOException {
        return place(new PodSpec(manifest, options, Map.of()));
    }

    /** The same for all that is asked for. */
    PodPlace place(PodSpec spec) throws IOException {
        PodManifest manifest = spec.manifest();
        PodOptions options = spec.options();
        PodUuid uuid = stage1.newPod(spec);
        Path place = Files.createDirectories(directory.resolve("pods/" + uuid));
        return new PodPlace(uuid, place, manifest, options, stage1.cgroup(uuid, options), JsonObject.EMPTY);
    }

    /** Starts a pod there, and leaves it to the caller to discard the place should that fail. */
    RunningPod startOnly(PodPlace place) throws IOException {
        var started = stage1.startPod(new Stage1.PodStart(place, OptionalInt.empty()));
        started.keeper().close();
        return new RunningPod(
                new PodPlace(
                        place.uuid(),
                        place.directory(),
                        place.manifest(),
                        place.options(),
                        place.cgroup(),
                        started.record()),
                started);
    }

    void discard(PodPlace place) throws IOException {
        stage1.releasePod(place);
        try (Directory pods = Directory.open(directory.resolve("pods"))) {
            pods.removeTree(place.uuid().toString());
        }
    }

    /** What is said of a pod's isolators. */
    List<IsolatorReport> reports(PodManifest manifest, PodOptions options) throws IOException {
        try (RunningPod pod = start(manifest, options)) {
            return pod.isolators;
        }
    }

    /** What a process wrote and how it ended. */
    record Outcome(String stdout, String stderr, ProcessExit exit) {
        int code() {
            return exit.shellCode();
        }
    }

    /** A pod with its first process; closing it kills and removes all. */
    final class RunningPod implements AutoCloseable {
        final PodPlace place;
        final Stage1.StartedProcess first;
        final List<IsolatorReport> isolators;
        final List<Attachment> networks;
        private final List<Path> apps = new ArrayList<>();

        RunningPod(PodPlace place, Stage1.StartedPod started) {
            this.place = place;
            this.first = started.process();
            this.isolators = started.isolators();
            this.networks = started.networks();
        }

        AppPlace prepare(String name, App app, UnaryOperator<RuntimeApp> change, AppOptions options)
                throws IOException {
            Path appDirectory = Files.createDirectories(place.directory().resolve("apps/" + name));
            apps.add(appDirectory);
            RuntimeApp runtime = change.apply(
                    RuntimeApp.of(new AcName(name), RuntimeImage.of(IMAGE)).withApp(app));
            return new AppPlace(place, new AcName(name), appDirectory, runtime, options, 1, JsonObject.EMPTY);
        }

        /** Makes an app ready that was prepared, as far as its outline says what it will be. */
        void makeReady(AppPlace app) throws IOException {
            var laid = Objects.requireNonNull(ground);
            var outline =
                    AppOutline.of(app.app(), app.options(), laid.define(app)).orElseThrow();
            Path ready = laid.readyApps().directory(place.uuid());
            var unsaid = new AppPlace(place, app.name(), ready, outline.app(), AppOptions.DEFAULT, 1, JsonObject.EMPTY);
            laid.readyApps().put(place.uuid(), new AppLauncher(laid).ready(outline, unsaid, first.pidfd()));
        }

        /** Starts an app whose streams are pipes. */
        RunningApp start(AppPlace app) throws IOException {
            try (Pipe out = Pipe.open();
                    Pipe err = Pipe.open();
                    Directory devices = Directory.open(Path.of("/dev"));
                    Fd nothing = devices.openForReading("null")) {
                var started = stage1.startApp(new Stage1.AppStart(
                        app, first.pidfd(), new Stage1.Streams.Pipes(nothing, out.writer(), err.writer())));
                var confined = new AppPlace(
                        place, app.name(), app.directory(), app.app(), app.options(), 1, started.confinement());
                return new RunningApp(
                        this,
                        confined,
                        started,
                        out.reader().duplicate(),
                        err.reader().duplicate());
            }
        }

        RunningApp start(String name, App app) throws IOException {
            return start(prepare(name, app, change -> change, AppOptions.DEFAULT));
        }

        /** Runs an app to its end and releases it. */
        Outcome run(String name, App app) throws IOException {
            return run(prepare(name, app, change -> change, AppOptions.DEFAULT));
        }

        Outcome run(AppPlace app) throws IOException {
            try (RunningApp running = start(app)) {
                return running.await();
            }
        }

        @Override
        public void close() throws IOException {
            stage1.killPod(place);
            first.pidfd().reap();
            first.pidfd().close();
            stage1.releasePod(place);
            try (Directory pods = Directory.open(directory.resolve("pods"))) {
                pods.removeTree(place.uuid().toString());
            }
        }
    }

    /** An app that runs; closing it kills it and gives up its cgroup. */
    final class RunningApp implements AutoCloseable {
        final RunningPod pod;
        final AppPlace place;
        final Stage1.StartedApp started;
        private final Fd stdout;
        private final Fd stderr;
        private boolean isReaped;

        RunningApp(RunningPod pod, AppPlace place, Stage1.StartedApp started, Fd stdout, Fd stderr) {
            this.pod = pod;
            this.place = place;
            this.started = started;
            this.stdout = stdout;
            this.stderr = stderr;
        }

        /** The next line that it writes. */
        String line() throws IOException {
            var line = new StringBuilder();
            byte[] one = new byte[1];
            while (stdout.read(one, 0, 1) == 1 && one[0] != '\n') {
                line.append((char) one[0]);
            }
            return line.toString();
        }

        Outcome await() throws IOException {
            String out = new String(stdout.readAll(1 << 20), StandardCharsets.UTF_8);
            String err = new String(stderr.readAll(1 << 20), StandardCharsets.UTF_8);
            ProcessExit exit = end(started.process());
            isReaped = true;
            return new Outcome(out, err, exit);
        }

        /** Runs a further process in it. */
        Outcome exec(ExecSpec spec) throws IOException {
            try (Pipe out = Pipe.open();
                    Pipe err = Pipe.open();
                    Directory devices = Directory.open(Path.of("/dev"));
                    Fd nothing = devices.openForReading("null")) {
                var process = stage1.exec(new Stage1.ExecStart(
                        place,
                        "test",
                        started.process(),
                        spec,
                        new Stage1.Streams.Pipes(nothing, out.writer(), err.writer())));
                out.writer().close();
                err.writer().close();
                String stdoutText = new String(out.reader().readAll(1 << 20), StandardCharsets.UTF_8);
                String stderrText = new String(err.reader().readAll(1 << 20), StandardCharsets.UTF_8);
                try (var _ = process.pidfd()) {
                    return new Outcome(stdoutText, stderrText, end(process));
                }
            }
        }

        Outcome exec(String script) throws IOException {
            return exec(ExecSpec.of(List.of("/bin/sh", "-c", script)));
        }

        @Override
        public void close() throws IOException {
            stage1.killApp(place);
            if (!isReaped) {
                end(started.process());
            }
            started.process().pidfd().close();
            stdout.close();
            stderr.close();
            stage1.releaseApp(place, HandlerOutput.NOWHERE);
        }
    }

    /** How a process ends, be it our child or not. */
    private static ProcessExit end(Stage1.StartedProcess process) throws IOException {
        if (!process.pidfd().awaitEnd(Duration.ofSeconds(20))) {
            throw new AssertionError("process " + process.pid() + " goes on");
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (System.nanoTime() < deadline) {
            var exit = exit(process);
            if (exit.isPresent()) {
                return exit.get();
            }
            Thread.onSpinWait(); // until whoever is its parent now has reaped it
        }
        throw new AssertionError("nobody knows how process " + process.pid() + " ended");
    }

    private static Optional<ProcessExit> exit(Stage1.StartedProcess process) throws IOException {
        try {
            return process.pidfd().tryReap();
        } catch (SyscallException notOurChild) {
            return process.pidfd().exitInfo();
        }
    }

    @Override
    public void close() throws IOException {
        try (Directory parent = Directory.open(directory)) {
            for (String name : parent.list()) {
                parent.removeTree(name);
            }
        }
    }
}
