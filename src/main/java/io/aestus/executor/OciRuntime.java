package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLayout;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.Namespace;
import io.aestus.linux.Orphans;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A program that speaks the command line of OCI runtimes: {@code create}, {@code start}, {@code exec}, {@code delete}. Each is
 * a run of its own, in mounts of its own, at an {@linkplain OciDesk desk} of its own; none stays.
 *
 * <p>Limits are ours, so the runtime gets the cgroup of a container ready. crun can be told to keep its hands off cgroups: its
 * containers are where it is started. Others join by themselves what they are told, in those hierarchies that they see: we
 * show them the ones that the cgroup is in.
 *
 * @see <a href="https://github.com/opencontainers/runtime-tools/blob/master/docs/command-line-interface.md">OCI Runtime
 *     Command Line Interface</a>
 */
final class OciRuntime {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final int FIRST_CLOSED = 3;
    private static final int REASON_CHARACTERS = 300;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root");

    private final Path program;
    private final OciManner manner;
    private final boolean executesInParts;
    private final ProcessLauncher launcher;
    private final CgroupLayout layout;
    private final Orphans orphans;

    private OciRuntime(
            Path program,
            OciManner manner,
            boolean executesInParts,
            ProcessLauncher launcher,
            CgroupLayout layout,
            Orphans orphans) {
        this.program = program;
        this.manner = manner;
        this.executesInParts = executesInParts;
        this.launcher = launcher;
        this.layout = layout;
        this.orphans = orphans;
    }

    /**
     * Asks the program what it can.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} if it is no such runtime
     */
    static OciRuntime open(Path program, ProcessLauncher launcher, Cgroups cgroups) throws IOException {
        String help = answer(program, "--help");
        if (!List.of("create", "start", "exec", "delete").stream().allMatch(help::contains)) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot isolate by " + program + ": it is no OCI runtime, its help knows no create and start");
        }
        return new OciRuntime(
                program,
                OciManner.of(answer(program, "--version")),
                answer(program, "exec", "--help").contains("--cgroup"),
                launcher,
                cgroups.layout(),
                new Orphans());
    }

    private static String answer(Path program, String... words) throws IOException {
        var command = new ArrayList<>(List.of(program.toString()));
        Collections.addAll(command, words);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            byte[] said = process.getInputStream().readNBytes(MAX_ANSWER_BYTES);
            process.waitFor(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return new String(said, StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + program + " what it can", e);
        } finally {
            process.destroyForcibly();
        }
    }

    Path program() {
        return program;
    }

    OciManner manner() {
        return manner;
    }

    /** Whether it can be told to execute something in a part of a container's cgroup. */
    boolean executesInParts() {
        return executesInParts;
    }

    /** Has what was just killed, and nobody waits for, be reaped: pods do not end before. */
    void reapStraysSoon() {
        orphans.lookSoon();
    }

    /** Something that a run's child does before it executes the runtime. */
    @FunctionalInterface
    interface Preparation {
        void addTo(ChildProgram child) throws IOException;
    }

    /**
     * One run.
     *
     * @param state where the runtime keeps what it knows of the pod's containers
     * @param words the command, its options and the container
     * @param streams descriptors 0, 1 and 2; lent
     * @param cgroup that of the container; it need not be there
     * @param entry where the run itself is; empty for where we are
     * @param before what it does while it still sees what we see
     * @param mounts what it sees besides the desk
     * @param last who it becomes, with all mounts in place
     */
    record Run(
            OciDesk desk,
            Path state,
            List<String> words,
            List<Fd> streams,
            Cgroup cgroup,
            Optional<CgroupEntry> entry,
            Preparation before,
            Preparation mounts,
            Preparation last) {
        Run becoming(Preparation whom) {
            return new Run(desk, state, words, streams, cgroup, entry, before, mounts, whom);
        }
    }

    /** Runs it to its end. @throws IOException with the runtime's own reason if it fails */
    void run(Run run) throws IOException {
        try (var _ = orphans.adopt();
                var child = new ChildProgram();
                ChildProcess process = launch(child, run)) {
            if (!process.pidfd().awaitEnd(LIMIT)) {
                process.pidfd().signal(Signal.SIGKILL);
                process.pidfd().reap();
                orphans.lookSoon();
                throw new IOException(program.getFileName() + " " + run.words.getFirst() + " did not end within "
                        + LIMIT.toSeconds() + " s");
            }
            int code = process.pidfd().reap().shellCode();
            if (code != 0) {
                orphans.lookSoon(); // at what it had made by then
                throw new IOException(program.getFileName() + " " + run.words.getFirst() + " failed: "
                        + Quoted.of(reason(run.desk, code), REASON_CHARACTERS));
            }
        }
    }

    private ChildProcess launch(ChildProgram child, Run run) throws IOException {
        run.entry.ifPresent(entry -> entry.addTo(child));
        run.before.addTo(child);
        child.rights().leaveKeyring();
        child.unshare(Set.of(Namespace.MOUNT));
        child.mounts().makeMountsPrivate();
        var state = child.mounts().copyOf(run.state.toString());
        run.desk.addTo(child.mounts());
        child.mounts().attach(state, OciDesk.path(OciDesk.STATE), "attach what the runtime remembers");
        hideCgroups(child, run.cgroup);
        run.mounts.addTo(child);
        run.last.addTo(child);
        child.assign(run.streams, 0);
        child.startSession();
        child.unblockSignals();
        child.closeFrom(FIRST_CLOSED);
        child.execute(List.of(program.toString()), command(run), ENVIRONMENT);
        LaunchOptions how =
                run.entry.map(entry -> entry.addTo(LaunchOptions.PLAIN)).orElse(LaunchOptions.PLAIN);
        return launcher.launch(child, how);
    }

    private List<String> command(Run run) {
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(manner.options());
        command.addAll(List.of(
                "--root", OciDesk.path(OciDesk.STATE), "--log", OciDesk.path(OciDesk.LOG), "--log-format", "json"));
        command.addAll(run.words);
        return command;
    }

    /** In the single tree of version 2 there is nothing to hide: whoever is not told to touches nothing. */
    private void hideCgroups(ChildProgram child, Cgroup cgroup) {
        if (layout.mode() == CgroupLayout.Mode.UNIFIED) {
            return;
        }
        if (manner.leavesCgroups()) { // which on hybrid hosts gives up at the sight of them
            child.mounts().mount("tmpfs", CGROUPS.toString(), Set.of(), List.of("mode=0755"));
            return;
        }
        List<Path> entered = cgroup.memberFiles();
        var hierarchies = new ArrayList<>(layout.hierarchies());
        hierarchies.addAll(layout.v1Named());
        for (Path hierarchy : hierarchies) {
            if (entered.stream().noneMatch(file -> file.startsWith(hierarchy))) {
                child.mounts().detach(hierarchy.toString());
            }
        }
    }

    /** The last error of its log, a JSON object a line. */
    private static String reason(OciDesk desk, int code) throws IOException {
        Optional<String> last = Optional.empty();
        for (String line : desk.read(OciDesk.LOG).lines().toList()) {
            last = message(line).or(() -> Optional.of(line));
        }
        return last.filter(text -> !text.isBlank()).orElse("it ended with " + code);
    }

    private static Optional<String> message(String line) {
        try {
            return JsonReader.read(line.getBytes(StandardCharsets.UTF_8), "the runtime's log")
                    .optional("msg")
                    .map(JsonView::string);
        } catch (AestusException _) {
            return Optional.empty(); // not JSON: the line itself says it
        }
    }
}
