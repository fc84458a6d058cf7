package io.aestus.cri;

import com.google.protobuf.ByteString;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.executor.AppProcess;
import io.aestus.executor.ExecSpec;
import io.aestus.executor.ExitStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * A command whose output is collected. Of each stream the beginning is kept and the rest still read, so that neither our memory nor
 * its pipe fills; what it leaves running in the background keeps the answer waiting for moments only.
 */
final class SyncExec {
    /** Both together fit into a reply of 16 MiB. */
    private static final int KEPT_BYTES = (8 << 20) - 4096;

    private static final Duration DRAIN = Duration.ofSeconds(2);
    private static final Duration FOREVER = Duration.ofDays(3650);

    private final Pods pods;

    SyncExec(Pods pods) {
        this.pods = pods;
    }

    /**
     * Runs the command. A code other than 0 is an answer, not a failure.
     *
     * @param limit after which it is killed; zero for none
     * @throws TimeoutException when it was
     */
    ExecSyncResponse run(PodUuid pod, AcName app, List<String> command, Duration limit)
            throws InterruptedException, TimeoutException {
        try (AppProcess process = pods.exec(pod, app, ExecSpec.of(command))) {
            var stdout = new Collector(process.stdout());
            var stderr = new Collector(process.stderr());
            Optional<ExitStatus> exit = process.waitFor(limit.isZero() ? FOREVER : limit);
            if (exit.isEmpty()) {
                process.close();
                var unused = process.waitFor(DRAIN); // who is told finds it no more
                throw new TimeoutException(
                        "command %s timed out after %d s".formatted(command.getFirst(), limit.toSeconds()));
            }
            long drained = System.nanoTime() + DRAIN.toNanos();
            return ExecSyncResponse.newBuilder()
                    .setStdout(stdout.collected(drained))
                    .setStderr(stderr.collected(drained))
                    .setExitCode(exit.get().code())
                    .build();
        }
    }

    private static final class Collector {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final Thread reader;

        Collector(InputStream in) {
            reader = Thread.ofVirtual().name("cri-exec-output").start(() -> drain(in));
        }

        private void drain(InputStream in) {
            byte[] buffer = new byte[8192];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    keep(buffer, n);
                }
            } catch (IOException e) {
                return; // closed, since nobody waits any longer
            }
        }

        private synchronized void keep(byte[] bytes, int count) {
            kept.write(bytes, 0, Math.min(count, KEPT_BYTES - kept.size()));
        }

        ByteString collected(long until) throws InterruptedException {
            reader.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
            synchronized (this) {
                return ByteString.copyFrom(kept.toByteArray());
            }
        }
    }
}
