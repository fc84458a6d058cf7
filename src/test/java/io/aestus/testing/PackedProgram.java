package io.aestus.testing;

import io.aestus.linux.Directory;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The compiled classes as a program of its own, for tests that start it: one jar with what it needs, and a cache of loaded and
 * linked classes, started as {@code bin/aestus} starts what is packaged. A JVM that has to find its classes in directories and
 * dozens of jars takes four times as long. Both are made when the first test wants them, and again once a class has changed.
 */
public final class PackedProgram {
    private static final Path DIRECTORY = Path.of("target", "test-program").toAbsolutePath();
    private static final String JAR = "aestus.jar";
    private static final String CACHE = "aestus.aot";
    private static final String TRAINING = "training";
    private static final Path MADE_OF = DIRECTORY.resolve("made-of");
    private static final long PATIENCE_SECONDS = 240;

    /** What the packaged command line has in it too, see pom.xml. */
    private static final Pattern NEEDED = Pattern.compile("/(jspecify|jackson-core|commons-(compress|lang3|io|codec)|xz"
            + "|zstd-jni|bc[a-z]+-jdk18on|jsoup|snakeyaml-engine|j(nr|ffi)-[a-z0-9]+|jnr-x86asm|jffi|asm(-[a-z]+)?)"
            + "-[0-9][^/]*\\.jar$");

    /** Those of {@code bin/aestus}. */
    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-AOTReplayTraining",
            "-Xlog:disable",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED");

    private static boolean isMade;

    private PackedProgram() {}

    /** What starts the command line, but for its words. */
    public static List<String> aestus() {
        return aestus(directory());
    }

    /** The same where {@link #directory} can be reached by another path alone. */
    public static List<String> aestus(Path place) {
        return java(place, place.resolve(JAR).toString(), "io.aestus.cli.Aestus");
    }

    /** What starts a program of the tests, but for its arguments. */
    public static List<String> of(Class<?> program) {
        var path = new ArrayList<>(List.of(jar().toString()));
        entries()
                .filter(entry -> !isOfClasses(entry) && !entry.equals(jar()))
                .map(Path::toString)
                .forEach(path::add);
        return java(DIRECTORY, String.join(File.pathSeparator, path), program.getName());
    }

    /** Where the jar and its cache are, and nothing else that is needed. */
    public static Path directory() {
        make();
        return DIRECTORY;
    }

    /** The jar, whose main class is the command line's. */
    public static Path jar() {
        return directory().resolve(JAR);
    }

    /** What the JVM loads instead of single classes. */
    public static Path cache() {
        return directory().resolve(CACHE);
    }

    private static List<String> java(Path place, String path, String main) {
        var command = new ArrayList<>(List.of(javaCommand()));
        command.addAll(OPTIONS);
        command.addAll(List.of("-XX:AOTCache=" + place.resolve(CACHE), "-cp", path, main));
        return command;
    }

    private static String javaCommand() {
        return Path.of(System.getProperty("java.home"), "bin/java").toString();
    }

    private static Stream<Path> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath());
    }

    private static boolean isOfClasses(Path entry) {
        return Files.exists(entry.resolve("io/aestus/cli/Aestus.class"));
    }

    /** Makes both unless they are there, or run already. Several processes may want that at a time. */
    private static synchronized void make() {
        if (isMade) {
            return;
        }
        isMade = entries().anyMatch(DIRECTORY.resolve(JAR)::equals);
        if (isMade) {
            return;
        }
        try {
            Files.createDirectories(DIRECTORY);
            try (var channel = FileChannel.open(
                            DIRECTORY.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                String wanted = fingerprint();
                if (!Files.exists(MADE_OF) || !Files.readString(MADE_OF).equals(wanted)) {
                    Files.deleteIfExists(MADE_OF);
                    Files.deleteIfExists(DIRECTORY.resolve(CACHE));
                    ProgramJar.write(DIRECTORY.resolve(JAR), parts());
                    train();
                    Files.writeString(MADE_OF, wanted);
                }
            }
            isMade = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static List<Path> parts() {
        return entries()
                .filter(entry ->
                        isOfClasses(entry) || NEEDED.matcher(entry.toString()).find())
                .toList();
    }

    /** Of each file of which the jar is made, and of the JVM. */
    private static String fingerprint() throws IOException {
        var text = new StringBuilder(System.getProperty("java.home") + " " + Runtime.version());
        for (Path part : parts()) {
            try (var files = Files.walk(part)) {
                for (Path file : files.filter(Files::isRegularFile)
                        .sorted(Comparator.naturalOrder())
                        .toList()) {
                    text.append('\n').append(file);
                    text.append(' ').append(Files.size(file));
                    text.append(' ').append(Files.getLastModifiedTime(file));
                }
            }
        }
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** The runs of the packaged command line's cache, see scripts/assemble. */
    private static void train() throws IOException, InterruptedException {
        Path work = DIRECTORY.resolve(TRAINING);
        remove(TRAINING);
        Files.createDirectory(work);
        Path log = DIRECTORY.resolve("training.log");
        var command = new ArrayList<>(List.of(javaCommand()));
        OPTIONS.stream().filter(option -> !option.equals("-Xlog:disable")).forEach(command::add);
        command.addAll(List.of(
                "-XX:-AOTRecordTraining",
                "-XX:AOTCacheOutput=" + DIRECTORY.resolve(CACHE),
                "-cp",
                DIRECTORY.resolve(JAR).toString(),
                "io.aestus.cli.Training",
                "long",
                work.toString()));
        Process training = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!training.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || training.exitValue() != 0) {
                throw new AssertionError("cannot make " + CACHE + ": " + Files.readString(log));
            }
        } finally {
            training.destroyForcibly().waitFor();
        }
        remove(TRAINING);
    }

    private static void remove(String name) throws IOException {
        try (var directory = Directory.open(DIRECTORY)) {
            directory.removeTree(name);
        }
    }
}
