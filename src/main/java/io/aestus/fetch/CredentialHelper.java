package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.NewThread;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.ProgramRun;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A program {@code docker-credential-NAME} that knows passwords which need not be in any file, or expire: it is asked each time, with
 * the server on its standard input. What it says is neither kept nor shown. Immutable.
 *
 * @param name of which the program's is made
 * @param environment what it gets, and by whose {@code PATH} it is found
 * @see <a href="https://github.com/docker/docker-credential-helpers">Docker: credential helpers</a>
 */
record CredentialHelper(String name, Map<String, String> environment) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LONGEST_ANSWER = 64 << 10;

    /** What all helpers say, in these words, when they know nothing of a server. */
    private static final String NOT_FOUND = "credentials not found in native keychain";

    /** The name that goes with a secret which is an identity token. */
    private static final String TOKEN = "<token>";

    CredentialHelper {
        environment = Map.copyOf(environment);
    }

    /** @throws MalformedException unless it is the end of a plain file name */
    static String requireName(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new MalformedException("credential helper", text, "must be of a-z, 0-9 and -");
        }
        return text;
    }

    private String programName() {
        return "docker-credential-" + name;
    }

    /**
     * What it knows of a server; empty if it knows nothing.
     *
     * @param server as the configuration has it
     * @throws AestusException {@link Problem#NOT_FOUND} if there is no such program, {@link Problem#UNAVAILABLE} if it fails or
     *     takes too long, {@link Problem#CORRUPT} if its answer cannot be understood
     */
    Optional<RegistryLogin> get(String server) {
        ProgramRun.Output answer = ask(server);
        if (answer.code() != 0) {
            if (answer.asText().strip().equals(NOT_FOUND)) {
                return Optional.empty();
            }
            String said = answer.complaint().isBlank() ? answer.asText() : answer.complaint();
            throw failed(
                    Problem.UNAVAILABLE, server, "it ended with " + answer.code() + ": " + Quoted.of(said.strip()));
        }
        if (answer.text().length > LONGEST_ANSWER) {
            throw failed(Problem.CORRUPT, server, "it says more than " + LONGEST_ANSWER + " bytes");
        }
        try {
            return Optional.of(login(JsonReader.read(answer.text(), "its answer")));
        } catch (AestusException _) { // whose words may be of the secret
            throw failed(Problem.CORRUPT, server, "its answer has no Username and Secret of one line each");
        }
    }

    /** On a platform thread: it waits in the kernel. */
    private ProgramRun.Output ask(String server) {
        String program = program().toString();
        var asking = new FutureTask<>(() -> ProgramRun.run(
                program, server.getBytes(StandardCharsets.UTF_8), PATIENCE, streams -> launch(program, streams)));
        try {
            NewThread.start(
                    Thread.ofPlatform().daemon().name("aestus-credentials").unstarted(asking));
            return asking.get();
        } catch (InterruptedException _) {
            asking.cancel(true);
            Thread.currentThread().interrupt();
            throw failed(Problem.UNAVAILABLE, server, "interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof AestusException known
                    ? known
                    : new IllegalStateException("a program was asked badly", e);
        } catch (SyscallException e) {
            throw failed(Problem.EXHAUSTED, server, String.valueOf(e.getMessage()));
        }
    }

    private ChildProcess launch(String program, List<Fd> streams) throws IOException {
        try (var child = new ChildProgram()) {
            List<String> variables = environment.entrySet().stream()
                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                    .toList();
            ProgramRun.addTo(child, streams, "/", program, List.of(program, "get"), variables);
            return ProcessLauncher.open().launch(child, LaunchOptions.PLAIN);
        }
    }

    private static RegistryLogin login(JsonView answer) {
        String user = answer.required("Username").string();
        String secret = answer.required("Secret").string();
        return user.equals(TOKEN) ? new RegistryLogin.IdentityToken(secret) : new RegistryLogin.Password(user, secret);
    }

    /** In a directory of {@code PATH}, whose relative ones count for nothing. */
    private Path program() {
        return Stream.of(environment.getOrDefault("PATH", "").split(":", -1))
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> Path.of(directory, programName()))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .orElseThrow(() -> new AestusException(
                                Problem.NOT_FOUND,
                                "cannot log in: there is no program " + programName()
                                        + ", which the configuration names")
                        .withRemedy("install it into a directory of PATH, or take it out of auth.d"));
    }

    private AestusException failed(Problem problem, String server, String why) {
        return new AestusException(
                        problem, "cannot log in at " + Quoted.of(server) + " by " + programName() + ": " + why)
                .withRemedy("ask it by hand: echo " + Quoted.of(server) + " | " + programName() + " get");
    }
}
