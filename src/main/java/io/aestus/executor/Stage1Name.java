package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** Which isolation a pod has, as users ask for it and as its record has it. Immutable. */
public sealed interface Stage1Name {
    /** The built-in one, {@code native}. */
    record Native() implements Stage1Name {
        @Override
        public String toString() {
            return "native";
        }
    }

    /** No isolation but a root and limits of its own, {@code fly}: for node software. */
    record Fly() implements Stage1Name {
        @Override
        public String toString() {
            return "fly";
        }
    }

    /**
     * An OCI runtime, {@code oci:PATH}.
     *
     * @param program absolute
     */
    record Oci(Path program) implements Stage1Name {
        private static final String PREFIX = "oci:";

        public Oci {
            if (!program.isAbsolute()) {
                throw new IllegalArgumentException("not absolute: " + program);
            }
        }

        @Override
        public String toString() {
            return PREFIX + program;
        }
    }

    /**
     * Reads a name. A runtime may be named by a word alone, such as {@code oci:crun}: then it is looked up, now, as a shell
     * would, and the name that is recorded has its path.
     *
     * @throws AestusException {@link Problem#INVALID}; {@link Problem#NOT_FOUND} if there is no such runtime
     */
    static Stage1Name parse(String text) {
        return switch (text) {
            case "native" -> new Native();
            case "fly" -> new Fly();
            default -> {
                if (!text.startsWith(Oci.PREFIX) || text.length() == Oci.PREFIX.length()) {
                    throw new AestusException(
                            Problem.INVALID,
                            "cannot isolate by " + Quoted.of(text) + ": expected native, fly or oci:PATH");
                }
                yield new Oci(runtime(text.substring(Oci.PREFIX.length())));
            }
        };
    }

    private static Path runtime(String word) {
        Stream<Path> places = word.contains("/")
                ? Stream.of(Path.of(word))
                : Stream.concat(
                                Arrays.stream(
                                        String.valueOf(System.getenv("PATH")).split(File.pathSeparator, -1)),
                                Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"))
                        .filter(directory -> directory.startsWith("/"))
                        .map(directory -> Path.of(directory, word));
        return places.filter(path -> path.isAbsolute() && Files.isExecutable(path) && !Files.isDirectory(path))
                .findFirst()
                .orElseThrow(() -> new AestusException(
                                Problem.NOT_FOUND,
                                "cannot isolate by OCI runtime " + Quoted.of(word) + ": there is no such program")
                        .withRemedy("install it, or give its absolute path: oci:/usr/bin/crun"));
    }
}
