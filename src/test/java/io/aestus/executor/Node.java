package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An executor over a directory of its own, and pods of shell scripts for it. */
final class Node implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(20);
    static final ImageId IMAGE = new ImageId("a".repeat(128));

    final Path directory;
    final Stage1 stage1;
    final Executor executor;
    /** Below which the cgroups of its pods are, if not where they usually are. */
    private final Optional<String> parent;

    Node(Path directory, Stage1 stage1, ExecutorConfig config) {
        this(directory, stage1, config, Optional.of(cgroupParent(directory))); // it goes after the tests
    }

    private Node(Path directory, Stage1 stage1, ExecutorConfig config, Optional<String> parent) {
        this.parent = parent;
        this.directory = directory;
        this.stage1 = stage1;
        this.executor = Executor.open(config, stage1);
    }

    static Node on(Path directory) throws IOException {
        return on(directory, Isolation.PLAIN);
    }

    static Node on(Path directory, Isolation isolation) throws IOException {
        return new Node(
                directory,
                isolation.open(directory),
                isolation.config(directory),
                isolation.isAtUsualPlace() ? Optional.empty() : Optional.of(cgroupParent(directory)));
    }

    /** A metadata service that says a word to whoever connects. */
    static void greet(MetadataService.Caller caller) throws IOException {
        caller.out().write("metadata\n".getBytes(StandardCharsets.UTF_8));
    }

    /** Another process's view of the same pods, as far as locks can tell. */
    Node neighbour() {
        return new Node(directory, stage1, ExecutorConfig.of(directory));
    }

    static AcName name(String name) {
        return AcName.parse(name);
    }

    static RuntimeApp app(String name, String script) {
        return RuntimeApp.of(name(name), RuntimeImage.of(IMAGE))
                .withApp(App.running(List.of("/bin/sh", "-c", script)).build());
    }

    static PodSpec pod(RuntimeApp... apps) {
        return PodSpec.of(PodManifest.of(apps));
    }

    /** A pod that stays until it is stopped. */
    static PodSpec sandbox(RuntimeApp... apps) {
        return pod(apps).withOptions(PodOptions.DEFAULT.withLife(PodOptions.Life.UNTIL_STOPPED));
    }

    static PodSpec with(PodSpec spec, String app, AppOptions options) {
        return spec.withApps(Map.of(name(app), options));
    }

    /** Runs a pod, in cgroups that are this test's unless its isolation has it otherwise. */
    PodUuid run(PodSpec spec) {
        return executor.run(parent.map(place -> spec.withOptions(spec.options().withCgroupParent(place)))
                .orElse(spec));
    }

    static String cgroupParent(Path directory) {
        return CgroupTrees.made("aestus-" + directory.getFileName());
    }

    PodState.Exited end(PodUuid pod) throws InterruptedException {
        return executor.waitFor(pod, SOON).orElseThrow(() -> new AssertionError("pod " + pod + " goes on"));
    }

    ExitStatus end(PodUuid pod, String app) throws InterruptedException {
        return executor.waitFor(pod, name(app), SOON).orElseThrow(() -> new AssertionError("app " + app + " goes on"));
    }

    /** Waits until an app is as it is wanted to be. */
    AppStatus await(PodUuid pod, String app, Predicate<AppStatus> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        AppStatus now = executor.status(pod).requireApp(name(app));
        while (!wanted.test(now)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("at last " + now);
            }
            TimeUnit.MILLISECONDS.sleep(5);
            now = executor.status(pod).requireApp(name(app));
        }
        return now;
    }

    /** Ends and removes all pods. */
    void removeAll() {
        for (PodStatus pod : executor.list()) {
            executor.stop(pod.uuid(), StopOptions.NOW);
            executor.remove(pod.uuid());
        }
    }

    /** What is in an app's log, one entry a line: {@code stdout F text}. */
    List<String> log(PodUuid pod, String app) throws InterruptedException {
        return read(pod, app, LogQuery.all());
    }

    List<String> read(PodUuid pod, String app, LogQuery query) throws InterruptedException {
        var lines = new ArrayList<String>();
        try (var reader = executor.log(pod, name(app)).read(query)) {
            for (var line = reader.next(SOON); line.isPresent(); line = reader.next(SOON)) {
                lines.add(show(line.get()));
            }
        }
        return lines;
    }

    static String show(LogLine line) {
        return switch (line.stream()) {
                    case STDOUT -> "stdout ";
                    case STDERR -> "stderr ";
                }
                + (line.isPartial() ? "P " : "F ")
                + new String(line.text(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        executor.close();
    }

    /** Waits until an app has written a line, as {@link #show} has it. */
    void awaitLine(PodUuid pod, String app, String wanted) throws InterruptedException {
        try (var reader = executor.log(pod, name(app)).read(LogQuery.all().following())) {
            var line = reader.next(SOON);
            while (line.isPresent() && !show(line.get()).equals(wanted)) {
                line = reader.next(SOON);
            }
            if (line.isEmpty()) {
                throw new AssertionError("no line " + wanted);
            }
        }
    }
}
