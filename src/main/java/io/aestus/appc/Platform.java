package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.MalformedException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An operating system and a processor, in the words of appc. An image that names neither runs anywhere.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/schema/types/labels.go">the pairs the specification lists</a>
 */
public record Platform(String os, String arch) {
    private static final Map<String, List<String>> KNOWN = Map.of(
            "linux",
            List.of(
                    "amd64",
                    "i386",
                    "aarch64",
                    "aarch64_be",
                    "armv6l",
                    "armv7l",
                    "armv7b",
                    "ppc64",
                    "ppc64le",
                    "s390x"),
            "freebsd",
            List.of("amd64", "i386", "arm"),
            "darwin",
            List.of("x86_64", "i386"));

    public Platform {
        requireKnown(os, Optional.of(arch));
    }

    /**
     * What this machine runs.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} if appc has no word for it
     */
    public static Platform host() {
        return ofJava(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static Platform ofJava(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch =
                switch (osArch) {
                    case "x86_64", "amd64" -> os.equals("darwin") ? "x86_64" : "amd64";
                    case "x86", "i386", "i586", "i686" -> "i386";
                    case "arm" -> "armv7l"; // HotSpot's 32-bit port needs ARMv7
                    default -> osArch;
                };
        if (!KNOWN.getOrDefault(os, List.of()).contains(arch)) {
            throw new AestusException(
                    Problem.UNSUPPORTED, "cannot run images here: appc has no name for " + os + " on " + osArch);
        }
        return new Platform(os, arch);
    }

    /**
     * The platform that an OCI image names.
     *
     * @param variant of the architecture, as in {@code v7}; mostly empty
     * @throws AestusException {@link Problem#UNSUPPORTED} if appc has no word for it
     */
    public static Platform ofOci(String os, String architecture, String variant) {
        String arch =
                switch (architecture) {
                    case "386" -> "i386";
                    case "arm64" -> "aarch64";
                    case "amd64" -> os.equals("darwin") ? "x86_64" : "amd64";
                    case "arm" -> os.equals("freebsd") ? "arm" : variant.equals("v7") ? "armv7l" : "armv6l";
                    default -> architecture;
                };
        if (!KNOWN.getOrDefault(os, List.of()).contains(arch)) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot convert image: appc has no name for " + Quoted.of(os + "/" + architecture + variant));
        }
        return new Platform(os, arch);
    }

    static void requireKnown(String os, Optional<String> arch) {
        List<String> known = KNOWN.get(os);
        if (known == null) {
            throw new MalformedException("os", os, "must have an os of linux, freebsd, darwin");
        }
        if (arch.isPresent() && !known.contains(arch.get())) {
            throw new MalformedException(
                    "arch", arch.get(), "must have for " + os + " an arch of " + String.join(", ", known));
        }
    }

    /** This platform as labels: what a query without them asks for. */
    public Labels labels() {
        return Labels.of(Label.of(Labels.OS, os), Label.of(Labels.ARCH, arch));
    }

    @Override
    public String toString() {
        return os + "/" + arch;
    }
}
