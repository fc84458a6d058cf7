package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The programs of plugins, and how one is asked. Thread-safe. */
final class Plugins {
    /** For the tools that plugins run in their turn, such as iptables. */
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final int LONGEST_REASON = 400;

    private final List<Path> directories;
    private final Duration limit;
    private final Map<Program, Set<CniVersion>> versions = new ConcurrentHashMap<>();

    Plugins(List<Path> directories, Duration limit) {
        this.directories = List.copyOf(directories);
        this.limit = limit;
    }

    /** A program in one version of its file. */
    private record Program(Path path, long modified) {}

    /** What a plugin can be asked. */
    enum Command {
        ADD,
        DEL,
        CHECK,
        GC,
        STATUS,
        VERSION
    }

    /**
     * What is asked of a plugin.
     *
     * @param type the plugin's
     * @param purpose for errors: {@code cannot PURPOSE: plugin …}
     */
    record Question(String type, Command command, String purpose, JsonObject configuration) {}

    /**
     * Of which attachment a question is.
     *
     * @param pod its name
     * @param namespace its network namespace; empty where that is gone
     * @param interfaceName the interface in it
     * @param arguments as {@code CNI_ARGS}
     */
    record Subject(String pod, Optional<Path> namespace, String interfaceName, String arguments) {}

    /** Whether there is a tool by which plugins can set rules of the firewall. */
    static boolean canFilter() {
        return Stream.of(SEARCH_PATH.split(":", -1))
                .map(Path::of)
                .anyMatch(dir -> Files.isExecutable(dir.resolve("iptables")) || Files.isExecutable(dir.resolve("nft")));
    }

    /** The program of a plugin, if one of the directories has it. */
    Optional<Path> find(String type) {
        for (Path directory : directories) {
            Path program = directory.resolve(type);
            if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    /**
     * The program of a plugin.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} when it is in none of the directories
     */
    Path program(String type) {
        return find(type).orElseThrow(() -> new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot find network plugin " + type + ": it is not in "
                                + directories.stream().map(Path::toString).collect(Collectors.joining(", ")))
                .withRemedy("install the CNI plugins, such as Debian's containernetworking-plugins"));
    }

    /** Asks a plugin about itself or its network. */
    Optional<JsonView> ask(Question question) {
        return ask(question, Map.of());
    }

    /**
     * Asks a plugin about an attachment.
     *
     * @return what it says, empty if nothing
     * @throws AestusException when it refuses, with its reason; {@link Problem#NOT_FOUND} when it does not know the pod
     */
    Optional<JsonView> ask(Question question, Subject subject) {
        return ask(
                question,
                Map.of(
                        "CNI_CONTAINERID", subject.pod(),
                        "CNI_NETNS", subject.namespace().map(Path::toString).orElse(""),
                        "CNI_IFNAME", subject.interfaceName(),
                        "CNI_ARGS", subject.arguments()));
    }

    private Optional<JsonView> ask(Question question, Map<String, String> subject) {
        String type = question.type();
        var environment = new HashMap<>(subject);
        environment.put("PATH", SEARCH_PATH);
        environment.put("CNI_COMMAND", question.command().name());
        environment.put("CNI_PATH", directories.stream().map(Path::toString).collect(Collectors.joining(":")));
        Path program = program(type);
        var output = ProgramRun.run(
                program.toString(),
                JsonWriter.compact(question.configuration()),
                limit,
                streams -> launch(program, environment, streams));
        if (output.code() != 0) {
            throw refusal(question, output);
        }
        return output.isSilent()
                ? Optional.empty()
                : Optional.of(
                        JsonReader.read(output.text(), "the answer of plugin " + type + " to " + question.command()));
    }

    private static ChildProcess launch(Path program, Map<String, String> environment, List<Fd> streams)
            throws IOException {
        try (var child = new ChildProgram()) {
            List<String> variables = environment.entrySet().stream()
                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                    .toList();
            ProgramRun.addTo(child, streams, "/", program.toString(), List.of(program.toString()), variables);
            return ProcessLauncher.open().launch(child, LaunchOptions.PLAIN);
        }
    }

    /** The versions that a plugin supports. */
    Set<CniVersion> versions(String type) {
        Path path = program(type);
        var program = new Program(path, path.toFile().lastModified());
        Set<CniVersion> known = versions.get(program);
        if (known == null) {
            known = askVersions(type);
            versions.put(program, known);
        }
        return known;
    }

    private Set<CniVersion> askVersions(String type) {
        var version = JsonObject.builder()
                .put("cniVersion", CniVersion.V1_0_0.toString())
                .build();
        JsonView answer = ask(new Question(type, Command.VERSION, "use plugin " + type, version))
                .orElseThrow(() -> new AestusException(
                        Problem.UNSUPPORTED, "cannot use plugin " + type + ": it does not say its versions"));
        return new HashSet<>(answer.list("supportedVersions", text -> text.parsed(CniVersion::parse)));
    }

    // --- refusals

    /** The codes that the specification gives a meaning. */
    private static final int INCOMPATIBLE_VERSION = 1;

    private static final int UNSUPPORTED_FIELD = 2;
    private static final int UNKNOWN_CONTAINER = 3;
    private static final int BAD_ENVIRONMENT = 4;
    private static final int NOT_DECODED = 6;
    private static final int BAD_CONFIGURATION = 7;

    private static AestusException refusal(Question question, ProgramRun.Output output) {
        String what = "cannot " + question.purpose() + ": plugin " + question.type() + ": ";
        Optional<JsonView> error = error(output);
        if (error.isEmpty()) {
            String said = output.isSilent() ? output.complaint() : output.complaint() + " " + output.asText();
            return new AestusException(
                    Problem.UNAVAILABLE,
                    what + "exit code " + output.code()
                            + (said.isBlank() ? "" : ", " + Quoted.of(said.strip(), LONGEST_REASON)));
        }
        int code = error.get().optional("code").map(Plugins::code).orElse(0);
        return new AestusException(problem(code), what + reason(error.get()) + " (code " + code + ")");
    }

    private static int code(JsonView view) {
        return view.wholeInt(0, Integer.MAX_VALUE);
    }

    private static String reason(JsonView error) {
        String details = error.optional("details").map(JsonView::string).orElse("");
        String message = error.optional("msg").map(JsonView::string).orElse("");
        return Quoted.of(details.isBlank() ? message : message + "; " + details, LONGEST_REASON);
    }

    /** A plugin that prints something else beside its error is one that crashed. */
    private static Optional<JsonView> error(ProgramRun.Output output) {
        try {
            JsonView view = JsonReader.read(output.text(), "the error of a plugin");
            view.optional("code").ifPresent(Plugins::code);
            view.optional("details").ifPresent(JsonView::string);
            return view.optional("msg").map(JsonView::string).isPresent() ? Optional.of(view) : Optional.empty();
        } catch (AestusException _) {
            return Optional.empty();
        }
    }

    private static Problem problem(int code) {
        return switch (code) {
            case INCOMPATIBLE_VERSION, UNSUPPORTED_FIELD -> Problem.UNSUPPORTED;
            case UNKNOWN_CONTAINER -> Problem.NOT_FOUND;
            case BAD_ENVIRONMENT, NOT_DECODED, BAD_CONFIGURATION -> Problem.INVALID;
            default -> Problem.UNAVAILABLE;
        };
    }
}
