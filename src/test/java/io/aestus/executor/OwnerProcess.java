package io.aestus.executor;

import io.aestus.appc.App;
import io.aestus.appc.EventHandler;
import io.aestus.appc.PodManifest;
import io.aestus.testing.PackedProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that owns pods, and is killed in the middle of something. */
final class OwnerProcess implements AutoCloseable {
    /** How many pods come and go at a time in {@link Task#CHURN}. */
    static final int CHURNERS = 8;

    private final Process process;
    private final BufferedReader said;

    private OwnerProcess(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** What it does. */
    enum Task {
        /** Runs one pod of two apps, says its UUID and looks after it. */
        LOOK_AFTER,
        /** Makes and ends one pod after the other. */
        COME_AND_GO,
        /** The same with several at a time, of apps that count and of apps with a terminal; says the UUID of each first one. */
        CHURN,
        /** Runs a pod whose app ends at once, and whose last handler takes long; says its UUID. */
        HANDLE,
        /** Makes a pod ahead, says the UUID it has, and waits. */
        KEEP_SPARE
    }

    static OwnerProcess start(Path directory, Isolation isolation, Task task) throws IOException {
        var command = new ArrayList<>(PackedProgram.of(OwnerProcess.class));
        command.addAll(List.of(directory.toString(), isolation.name(), task.name()));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        return new OwnerProcess(builder.start());
    }

    /** The next line it says. */
    String hear() throws IOException {
        String line = said.readLine();
        if (line == null) throw new IOException("the owner ended, see its errors");
        return line;
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** What the process runs. */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        try (var node = Node.on(directory, Isolation.valueOf(args[1]))) {
            switch (Task.valueOf(args[2])) {
                case LOOK_AFTER -> lookAfter(node, directory);
                case COME_AND_GO -> comeAndGo(node);
                case CHURN -> churn(node);
                case HANDLE -> handle(node);
                case KEEP_SPARE -> keepSpare(directory);
            }
        }
    }

    private static void lookAfter(Node node, Path directory) throws InterruptedException {
        var pod = node.run(Node.sandbox(Node.app("counter", COUNT), Node.app("brief", BRIEF)));
        System.out.println(pod);
        node.executor.waitFor(pod, Node.SOON.multipliedBy(10));
        throw new AssertionError("nobody ended " + directory);
    }

    private static void handle(Node node) throws InterruptedException {
        var handler = new EventHandler(
                EventHandler.Event.POST_STOP, List.of("/bin/sh", "-c", "echo begun; sleep 2; echo done"));
        var app = App.running(List.of("/bin/sh", "-c", "exit 5"))
                .eventHandlers(List.of(handler))
                .build();
        var pod = node.run(Node.sandbox(Node.app("web", "").withApp(app)));
        System.out.println(pod);
        node.executor.waitFor(pod, Node.SOON.multipliedBy(10));
    }

    private static void keepSpare(Path directory) throws IOException, InterruptedException {
        var host = Stage1Host.withSpares(directory, 1);
        while (host.builtIn().sparePods() == 0) {
            Thread.onSpinWait();
        }
        System.out.println(host.stage1.newPod(PodSpec.of(PodManifest.of())));
        Thread.sleep(Node.SOON.multipliedBy(10));
    }

    /** A thousand lines, in bursts. */
    private static final String COUNT =
            "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo line $i; [ $((i % 25)) = 0 ] && sleep 0.02; done; exit 3";

    /** Ends while nobody watches, most likely. */
    private static final String BRIEF = "sleep 0.6; echo over; exit 4";

    private static void comeAndGo(Node node) {
        for (boolean isPrivate = true; ; isPrivate = !isPrivate) { // with the host's users launches take another way
            var spec = Node.sandbox(Node.app("one", "echo one; sleep 1000"), Node.app("two", "exit 1"));
            var pod = node.run(spec.withOptions(Users.of(isPrivate).of(spec.options())));
            System.out.println(pod);
            node.executor.addApp(pod, AppSpec.of(Node.app("three", "sleep 1000")));
            node.executor.startApp(pod, Node.name("three"));
            node.executor.removeApp(pod, Node.name("one"));
            node.executor.stop(pod, StopOptions.NOW);
            node.executor.remove(pod);
        }
    }

    /** What {@link Task#CHURN} runs: an app that counts to this, and one that answers at its terminal. */
    static final int LAST_COUNT = 30;

    static final String COUNTER = "i=0; while [ $i -lt " + LAST_COUNT
            + " ]; do i=$((i+1)); echo line $i; [ $((i % 10)) = 0 ] && sleep 0.03; done; exit 7";
    static final String ANSWERER = "read x; echo got $x; exit 9";

    private static void churn(Node node) throws InterruptedException {
        for (int i = 0; i < CHURNERS; i++) {
            Thread.ofPlatform().start(() -> {
                for (int round = 0; ; round++) {
                    churnOnce(node, round);
                }
            });
        }
        Thread.sleep(Node.SOON.multipliedBy(10));
    }

    /** Half of the pods stay when their apps have ended; the others are ended and removed, at any moment of their life. */
    private static void churnOnce(Node node, int round) {
        var terminal = AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY).withStdin(AppOptions.Stdin.OPEN);
        var spec = Node.sandbox(Node.app("counter", COUNTER), Node.app("answerer", ANSWERER));
        var pod = node.run(Node.with(spec, "answerer", terminal));
        if (round == 0) {
            System.out.println(pod);
        }
        if (round % 2 == 0) {
            node.executor.stop(pod, StopOptions.NOW);
            node.executor.remove(pod);
        }
    }
}
