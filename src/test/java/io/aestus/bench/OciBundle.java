package io.aestus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A bundle as an OCI runtime itself proposes it, but for the program, which is not asked for a terminal. */
final class OciBundle implements AutoCloseable {
    /** Where other runtimes put their cgroups; floor knows it by itself, and the executor's are where they always are. */
    private static final String CGROUP = "aestus-bench";

    private final String runtime;
    private final Path bundle;
    private final String state;
    private String specification;
    private final List<String> running = new ArrayList<>();
    private int count;
    private String last = "";

    OciBundle(String runtime, Path rootfs, Path bundle, List<String> command) throws IOException, InterruptedException {
        this.runtime = runtime;
        this.bundle = Files.createDirectories(bundle);
        this.state = Files.createDirectory(bundle.resolve("state")).toString();
        SideBySide.run(
                List.of("cp", "-a", rootfs.toString(), bundle.resolve("rootfs").toString()));
        SideBySide.run(List.of("env", "--chdir=" + bundle, runtime, "spec"));
        this.specification = Files.readString(bundle.resolve("config.json"))
                .replace("\"terminal\": true", "\"terminal\": false")
                .replace("\"sh\"", "\"" + String.join("\", \"", command) + "\"");
    }

    private String next() throws IOException {
        String name = "aestus-bench-" + ProcessHandle.current().pid() + "-" + count++;
        Files.writeString(
                bundle.resolve("config.json"),
                specification.replace(
                        "\"linux\": {", "\"linux\": {\"cgroupsPath\": \"/" + CGROUP + "/" + name + "\","));
        return name;
    }

    private void run(String verb, String... more) throws IOException, InterruptedException {
        SideBySide.run(command(verb, more));
    }

    private List<String> command(String verb, String... more) {
        var command = new ArrayList<>(List.of(runtime, "--root", state, verb));
        command.addAll(List.of(more));
        return command;
    }

    /** Has its containers be in the network of the host. */
    void useHostNetwork() {
        String own = "\\{\\s*\"type\": \"network\"\\s*},\\s*";
        String shared = specification.replaceFirst(own, "");
        if (shared.equals(specification)) {
            throw new IllegalStateException("the bundle has no network of its own");
        }
        specification = shared;
    }

    /** What runs a new container in the foreground. */
    List<String> running() {
        try {
            last = next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return command("run", "--bundle", bundle.toString(), last);
    }

    /** What sends the last one a signal. */
    List<String> ending(String signal) {
        return command("kill", last, signal);
    }

    /** A new container, from nothing to its end. */
    Duration run() throws IOException, InterruptedException {
        String name = next();
        long begin = System.nanoTime();
        run("run", "--bundle", bundle.toString(), name);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** A container that goes on until this is closed. @return its name */
    String start() throws IOException, InterruptedException {
        String name = next();
        run("run", "--detach", "--bundle", bundle.toString(), name);
        running.add(name);
        return name;
    }

    /** A container in the background: from the call to its return, when the program runs. */
    Duration startDetached() throws IOException, InterruptedException {
        last = next();
        long begin = System.nanoTime();
        run("run", "--detach", "--bundle", bundle.toString(), last);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Ends and removes the last one. */
    Duration remove() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        run("delete", "--force", last);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** The same with a conmon, which says in a file of that name in {@code exits} that it has ended, its log being complete. */
    String startByConmon(Path exits) throws IOException, InterruptedException {
        String name = next();
        Path created = bundle.resolve("pid");
        SideBySide.run(List.of(
                "conmon",
                "--api-version=1",
                "--cid=" + name,
                "--cuuid=" + name,
                "--name=" + name,
                "--runtime=/usr/bin/" + runtime,
                "--runtime-arg=--root",
                "--runtime-arg=" + state,
                "--bundle=" + bundle,
                "--container-pidfile=" + created,
                "--log-path=k8s-file:" + bundle.resolve("log"),
                "--exit-dir=" + exits,
                "--socket-dir-path=" + bundle));
        while (!Files.exists(created)) {
            Thread.sleep(1);
        }
        run("start", name);
        running.add(name);
        return name;
    }

    /** A further process in a container that runs. */
    Duration exec(String container, String program) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        run("exec", container, program);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (String name : running) {
            run("delete", "--force", name);
        }
    }
}
