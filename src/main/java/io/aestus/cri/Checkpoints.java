package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Why a container cannot be written down. What a process holds only CRIU can tell, and it has to know the kernel that it runs on
 * to the letter.
 *
 * @param path where programs are looked for
 * @see <a href="https://criu.org/Check_the_kernel">CRIU: check the kernel</a>
 */
record Checkpoints(List<Path> path) {
    private static final String CRIU = "criu";
    private static final long LIMIT_SECONDS = 20;
    private static final int MOST_OUTPUT = 64 << 10;

    static Checkpoints ofHost() {
        return new Checkpoints(Stream.of("/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin")
                .map(Path::of)
                .toList());
    }

    /** Says why not. */
    AestusException refusal(String container) throws InterruptedException {
        String what = "cannot checkpoint container " + Quoted.of(container) + ": ";
        Optional<Path> criu = path.stream()
                .map(each -> each.resolve(CRIU))
                .filter(Files::isExecutable)
                .findFirst();
        if (criu.isEmpty()) {
            return unsupported(what + "CRIU is not installed on this node");
        }
        Optional<String> obstacle = obstacle(criu.get());
        return unsupported(what
                + obstacle.map(why -> "CRIU does not work on this node's kernel: " + why)
                        .orElse("it shares namespaces with its sandbox, and those are not written down here"));
    }

    private static AestusException unsupported(String message) {
        return new AestusException(Problem.UNSUPPORTED, message);
    }

    /** What CRIU says of this kernel, if it cannot do its work there. */
    private static Optional<String> obstacle(Path criu) throws InterruptedException {
        try {
            Process check = new ProcessBuilder(criu.toString(), "check")
                    .redirectErrorStream(true)
                    .start();
            check.getOutputStream().close();
            try {
                String said = new String(check.getInputStream().readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
                if (!check.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    return Optional.of("its check does not end");
                }
                return check.exitValue() == 0
                        ? Optional.empty()
                        : Optional.of(Quoted.of(
                                said.lines().findFirst().orElse("its check ended with " + check.exitValue())));
            } finally {
                check.destroyForcibly();
            }
        } catch (IOException e) {
            return Optional.of("it cannot be executed: " + e.getMessage());
        }
    }
}
