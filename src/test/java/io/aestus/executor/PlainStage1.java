package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.json.JsonObject;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.FirstProcess;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.Pty;
import io.aestus.linux.Signal;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/**
 * A stage1 that isolates nothing, and insists on what {@link Stage1} promises to an implementation. Its processes carry a mark
 * in their environment, by which any process finds them: that is its cgroup.
 */
class PlainStage1 implements Stage1 {
    private static final int SIGSTOP = 19;
    private static final int SIGCONT = 18;
    private static final String MARK = "AESTUS_PLAIN=";
    private static final String PATH = "PATH=/usr/bin:/bin";

    private final ProcessLauncher launcher;

    /** Promises that were broken. */
    final Queue<String> complaints = new ConcurrentLinkedQueue<>();

    /** Calls in their order, such as {@code startApp web}. */
    final Queue<String> calls = new ConcurrentLinkedQueue<>();

    volatile boolean isOutOfMemory;

    PlainStage1() throws IOException {
        this.launcher = ProcessLauncher.open();
    }

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String cgroup(PodUuid pod, PodOptions options) {
        return "plain/" + options.cgroupParent().map(parent -> parent + "/").orElse("") + pod;
    }

    @Override
    public StartedPod startPod(PodStart start) throws IOException {
        PodPlace pod = start.place();
        calls.add("startPod");
        require(processes(pod.cgroup()).isEmpty(), "pod started twice");
        var keeper = KeeperSocket.open();
        try (var child = new ChildProgram();
                Fd image = FirstProcess.image();
                Fd executable = image.duplicate()) {
            child.startSession();
            child.unblockSignals();
            child.closeOnExecFrom(3);
            child.assign(List.of(keeper.writer(), keeper.reader()), 3);
            child.execute(executable, List.of("pod"), List.of(MARK + pod.cgroup()));
            var process = launcher.launch(child, LaunchOptions.PLAIN);
            Files.createDirectories(pod.directory().resolve("stage1"));
            return new StartedPod(
                    new StartedProcess(process.pid(), process.pidfd()),
                    keeper,
                    JsonObject.builder().put("plain", true).build(),
                    List.of(new Attachment("plain", "eth0", List.of("192.0.2.1"))),
                    List.of());
        }
    }

    @Override
    public Definition define(AppPlace app) {
        return new Definition(app.app().app().orElseThrow(), app.app().annotations());
    }

    @Override
    public List<Long> processes(AppPlace app) throws IOException {
        return processes(mark(app));
    }

    @Override
    public StartedApp startApp(AppStart start) throws IOException {
        var app = start.place();
        calls.add("startApp " + app.name());
        require(Files.exists(app.pod().directory().resolve("stage1")), "app started in a pod that was not");
        require(processes(mark(app)).isEmpty(), "app started twice");
        require(start.firstProcess().fd().isOpen(), "first process closed");
        require(!app.pod().record().isEmpty(), "pod without its record");
        var exec = app.app().app().orElseThrow().exec();
        var process = launch(exec, mark(app), start.streams(), notifySocket(app), start.sockets());
        return new StartedApp(
                process,
                JsonObject.builder().put("mark", mark(app)).build(),
                List.of(IsolatorReport.enforced("resource/memory")));
    }

    @Override
    public StartedProcess exec(ExecStart exec) throws IOException {
        require(exec.process().pidfd().fd().isOpen(), "exec without a process");
        require(!exec.place().confinement().isEmpty(), "exec without confinement");
        return launch(
                exec.spec().command(),
                mark(exec.place()) + "/" + exec.session(),
                exec.streams(),
                notifySocket(exec.place()),
                List.of());
    }

    private List<String> notifySocket(AppPlace app) {
        return define(app).annotations().supportsSystemdNotify()
                ? List.of("NOTIFY_SOCKET=" + NoticePlace.path(app.directory()))
                : List.of();
    }

    private StartedProcess launch(
            List<String> command, String mark, Streams streams, List<String> more, List<HandedSocket> sockets)
            throws IOException {
        var lent = new ArrayList<Fd>();
        try (var child = new ChildProgram()) {
            child.startSession();
            switch (streams) {
                case Streams.Pipes(Fd stdin, Fd stdout, Fd stderr) ->
                    lent.addAll(List.of(high(stdin), high(stdout), high(stderr)));
                case Streams.Terminal(Parker parker) -> {
                    Pty pty = openPty();
                    parker.park(pty.master());
                    lent.addAll(List.of(pty.slave(), pty.slave(), pty.slave()));
                }
            }
            child.unblockSignals();
            child.closeOnExecFrom(3);
            child.assign(lent, 0);
            child.assign(sockets.stream().map(HandedSocket::socket).toList(), 3);
            if (!sockets.isEmpty()) {
                child.learnOwnNumber("LISTEN_PID");
            }
            if (streams instanceof Streams.Terminal) {
                child.takeTerminal(0);
            }
            var environment = new ArrayList<>(List.of(PATH, MARK + mark));
            environment.addAll(more);
            var told = StandardStreams.of(List.of()).hand(sockets).told(environment);
            child.execute(List.of(command.getFirst()), command, told);
            var process = launcher.launch(child, LaunchOptions.PLAIN);
            return new StartedProcess(process.pid(), process.pidfd());
        } finally {
            lent.forEach(Fd::close);
        }
    }

    private static Fd high(Fd file) throws IOException {
        return file.duplicate();
    }

    private static Pty openPty() throws IOException {
        try (Directory terminals = Directory.open(Path.of("/dev/pts"))) {
            return Pty.open(terminals.fd());
        }
    }

    @Override
    public List<IsolatorReport> limit(AppPlace app, Isolators limits) {
        return limits.all().stream()
                .map(limit -> IsolatorReport.enforced(limit.name()))
                .toList();
    }

    @Override
    public Optional<AppUsage> usage(PodPlace pod, Optional<AcName> app) {
        return Optional.empty();
    }

    @Override
    public boolean wasOutOfMemory(AppPlace app) {
        return isOutOfMemory;
    }

    @Override
    public void killApp(AppPlace app) throws IOException {
        kill(mark(app));
    }

    @Override
    public void killExec(AppPlace app, String session) throws IOException {
        kill(mark(app) + "/" + session);
    }

    @Override
    public void releaseExec(AppPlace app, String session) {
        calls.add("releaseExec " + app.name());
    }

    @Override
    public void killPod(PodPlace pod) throws IOException {
        kill(pod.cgroup());
    }

    @Override
    public void pausePod(PodPlace pod) throws IOException {
        signal(pod.cgroup(), SIGSTOP);
    }

    @Override
    public void resumePod(PodPlace pod) throws IOException {
        signal(pod.cgroup(), SIGCONT);
    }

    @Override
    public void releaseApp(AppPlace app, HandlerOutput output) throws IOException {
        calls.add("releaseApp " + app.name());
        kill(mark(app));
    }

    @Override
    public void discardApp(AppPlace app) throws IOException {
        calls.add("discardApp " + app.name());
        require(processes(mark(app)).isEmpty(), "app discarded while it runs");
    }

    @Override
    public void sweep(Predicate<PodUuid> isLive) {
        calls.add("sweep");
    }

    @Override
    public void releasePod(PodPlace pod) throws IOException {
        calls.add("releasePod");
        require(processes(pod.cgroup()).isEmpty(), "pod released while it runs");
        Files.deleteIfExists(pod.directory().resolve("stage1"));
    }

    private void require(boolean condition, String otherwise) {
        if (!condition) {
            complaints.add(otherwise);
            throw new IllegalStateException(otherwise);
        }
    }

    private static String mark(AppPlace app) {
        return app.pod().cgroup() + "/" + app.name();
    }

    /** Until nobody is seen twice in a row: who is just forked, or about to become another program, is missed once. */
    private static void kill(String mark) throws IOException {
        for (int unseen = 0; unseen < 2; unseen++) {
            if (signal(mark, Signal.SIGKILL) > 0) {
                unseen = -1;
            }
        }
    }

    private static int signal(String mark, int number) throws IOException {
        List<Long> processes = processes(mark);
        for (long pid : processes) {
            var process = PidFd.open(pid);
            if (process.isPresent()) {
                try (PidFd open = process.get()) {
                    open.signal(number);
                }
            }
        }
        return processes.size();
    }

    /** Processes that carry the mark, or one below it; zombies do not. */
    static List<Long> processes(String mark) throws IOException {
        var found = new ArrayList<Long>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path entry : entries) {
                if (carries(entry, mark)) {
                    found.add(Long.parseLong(entry.getFileName().toString()));
                }
            }
        }
        return found;
    }

    private static boolean carries(Path process, String mark) {
        try {
            String environment = new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.UTF_8);
            for (String variable : environment.split("\0", -1)) {
                if (variable.equals(MARK + mark) || variable.startsWith(MARK + mark + "/")) {
                    return true;
                }
            }
            return false;
        } catch (IOException _) {
            return false; // it ended
        }
    }
}
