package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The program that writes down what processes hold. It has to know the kernel that it runs on to the letter, and says so if it does not.
 *
 * @see <a href="https://criu.org/CLI">CRIU: command line</a>
 */
record Criu(Path program) {
    private static final String NAME = "criu";
    private static final Duration CHECK_LIMIT = Duration.ofSeconds(20);
    private static final int MOST_OUTPUT = 64 << 10;
    private static final int REASON_CHARACTERS = 300;
    private static final int MOST_ERRORS = 1000;
    /** What it does not end of its own in this time after its time is up it will not. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** Where it is looked for: in what {@code PATH} names, then in the usual places. */
    static List<Path> places() {
        String path = System.getenv("PATH");
        return Stream.concat(
                        path == null ? Stream.empty() : Arrays.stream(path.split(":", -1)),
                        Stream.of("/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin"))
                .filter(place -> place.startsWith("/"))
                .map(Path::of)
                .toList();
    }

    /**
     * One that works on this kernel.
     *
     * @param what cannot be done without, for the refusal
     * @throws AestusException {@link Problem#UNSUPPORTED} if there is none
     */
    static Criu find(List<Path> places, String what) throws InterruptedException {
        Optional<Criu> found = places.stream()
                .map(each -> each.resolve(NAME))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Criu::new);
        if (found.isEmpty()) {
            throw unsupported("cannot " + what + ": CRIU is not installed on this node");
        }
        Optional<String> obstacle = found.get().obstacle();
        if (obstacle.isPresent()) {
            throw unsupported("cannot " + what + ": CRIU does not work on this node's kernel: " + obstacle.get());
        }
        return found.get();
    }

    private static AestusException unsupported(String message) {
        return new AestusException(Problem.UNSUPPORTED, message);
    }

    /** What it says of this kernel, if it cannot do its work there. */
    private Optional<String> obstacle() throws InterruptedException {
        try {
            Process check = start(List.of("check"), ProcessBuilder.Redirect.PIPE);
            try {
                String said = new String(check.getInputStream().readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
                if (!check.waitFor(CHECK_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                    return Optional.of("its check does not end");
                }
                return check.exitValue() == 0
                        ? Optional.empty()
                        : Optional.of(Quoted.of(
                                firstError(said).orElse("its check ended with " + check.exitValue()),
                                REASON_CHARACTERS));
            } finally {
                check.destroyForcibly();
            }
        } catch (IOException e) {
            return Optional.of("it cannot be executed: " + e.getMessage());
        }
    }

    /** The first line that says {@code Error}, or the first that says anything. */
    private static Optional<String> firstError(String said) {
        return said.lines().filter(line -> line.contains("Error")).findFirst().or(() -> said.lines()
                .filter(line -> !line.isBlank())
                .findFirst());
    }

    private Process start(List<String> words, ProcessBuilder.Redirect output) throws IOException {
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(words);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output)
                .start();
    }

    /**
     * Writes down a tree of processes, which goes on afterwards, whatever happens.
     *
     * @param root the first process of the tree, which is the first one of its PID namespace
     * @param images where to; there
     * @param work where its log goes; there
     * @param externals what it need not write down, in its own words
     * @param limit for the whole
     * @throws AestusException {@link Problem#CONFLICT} with its own reason if it cannot
     * @throws TimeoutException when it takes longer
     */
    void dump(long root, Path images, Path work, List<String> externals, Duration limit, String what)
            throws IOException, InterruptedException, TimeoutException {
        var words = new ArrayList<>(List.of("dump", "--tree", Long.toString(root)));
        words.addAll(List.of("--images-dir", images.toString(), "--work-dir", work.toString()));
        words.addAll(List.of("--log-file", Checkpoints.LOG, "-v3", "--leave-running"));
        words.addAll(List.of("--manage-cgroups=ignore", "--ext-unix-sk", "--tcp-established", "--file-locks"));
        words.addAll(List.of("--timeout", Long.toString(Math.max(1, limit.toSeconds()))));
        externals.forEach(external -> words.addAll(List.of("--external", external)));
        Path said = work.resolve("said");
        Process dump = start(words, ProcessBuilder.Redirect.to(said.toFile()));
        try {
            if (!dump.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                dump.destroy();
                dump.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
                throw new TimeoutException("cannot " + what + ": CRIU did not end within " + limit.toSeconds() + " s");
            }
            if (dump.exitValue() != 0) {
                throw new AestusException(
                        Problem.CONFLICT,
                        "cannot " + what + ": CRIU refused: " + Quoted.of(reason(work, said), REASON_CHARACTERS));
            }
        } finally {
            // What it holds still goes on when it is gone: it traces, and what it put into a process takes itself back.
            dump.destroyForcibly();
        }
    }

    /** The last error but the summary that follows it: what it said before it gave up. */
    private static String reason(Path work, Path said) throws IOException {
        for (Path file : List.of(work.resolve(Checkpoints.LOG), said)) {
            if (Files.exists(file)) {
                List<String> errors = errors(file);
                if (!errors.isEmpty()) {
                    return errors.stream()
                            .filter(line -> !line.contains("FAILED"))
                            .reduce((_, last) -> last)
                            .orElseGet(errors::getLast);
                }
            }
        }
        return "it does not say why";
    }

    /** Without the times at their beginning. */
    private static List<String> errors(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("Error "))
                    .limit(MOST_ERRORS)
                    .map(line -> line.substring(line.indexOf("Error ")))
                    .toList();
        }
    }
}
