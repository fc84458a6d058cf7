package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.testing.TestTier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;

/** gVisor's runtime, as {@code scripts/cluster-tools} builds it. */
final class Gvisor {
    private static final Path BUILT = TestTier.clusterTools().resolve("runsc");

    /** Only root writes there, and everybody may execute what is there. */
    private static final Path PLACES = Path.of("/var/cache/aestus-tests");

    private static final int UNKNOWN = -1;
    private static final Pattern ENDED = Pattern.compile("\\d+ \\(.*\\) Z");

    private Gvisor() {}

    static boolean isThere() {
        return Files.isExecutable(BUILT);
    }

    /** It, where every user can execute it, which the cache of root's is not: a copy that stays, one for each version. */
    static Path runsc() {
        try {
            Path directory = PLACES.resolve(BUILT.toRealPath().getFileName());
            Path copy = directory.resolve("runsc");
            if (!Files.exists(copy)) {
                Files.createDirectories(directory);
                Path staged = Files.createTempFile(directory, "runsc", "");
                Files.copy(BUILT, staged, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
                Files.move(staged, copy, StandardCopyOption.ATOMIC_MOVE);
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many processes an app has inside, by those of the host that ask it: nobody reaps orphans there; {@value #UNKNOWN} while it comes or goes. */
    static int processes(Path directory, PodUuid pod, String app) throws IOException {
        Path state = directory.resolve("pods/" + pod + "/stage1/oci");
        if (!Files.exists(state.resolve(app + "_1_sandbox:" + app + "_1.state"))) {
            return 0;
        }
        Process asked = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs none /run/aestus/oci && mkdir /run/aestus/oci/state"
                                + " && mount --bind \"$1\" /run/aestus/oci/state"
                                + " && exec \"$0\" --root /run/aestus/oci/state exec \"$2\" /bin/sh -c 'exec cat /proc/[0-9]*/stat'",
                        runsc().toString(),
                        state.toString(),
                        app + "_1")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            boolean isThere = asked.waitFor() == 0;
            return isThere
                    ? (int) said.lines()
                                    .filter(line -> !ENDED.matcher(line).lookingAt())
                                    .count()
                            - 1
                    : UNKNOWN;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
