package io.aestus.executor;

import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.Rlimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What this process may do on the host, where that decides how apps are started. */
final class HostProcess {
    private static final int EXEMPT = -1000;

    private HostProcess() {}

    private static final class Lazy {
        static final int OOM_SCORE = readOomScore();
        static final CapabilitySet CAPABILITIES = readCapabilities();
    }

    /** What apps are started with that say nothing: 0 where this process is exempt from being killed, else what it has. */
    static Optional<Integer> oomScoreToRestore() {
        return Lazy.OOM_SCORE == EXEMPT ? Optional.of(0) : Optional.empty();
    }

    /** What an app can get of what it asks for: below what this process has only with CAP_SYS_RESOURCE. */
    static int reachableOomScore(int wanted) {
        return canExceedLimits() ? wanted : Math.max(wanted, Lazy.OOM_SCORE);
    }

    /** What an app can get of a limit: no more than this process has itself, unless it may exceed that. */
    static Rlimit reachable(Rlimit wanted) {
        return canExceedLimits() ? wanted : within(wanted);
    }

    /** The limit, but no higher than this process's own. */
    static Rlimit within(Rlimit wanted) {
        try {
            long most = Rlimit.of(wanted.resource(), 0).hard();
            return new Rlimit(wanted.resource(), least(wanted.soft(), most), least(wanted.hard(), most));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the limits of this process", e);
        }
    }

    private static long least(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }

    /** Whether this process may raise hard limits and lower its OOM score. */
    static boolean canExceedLimits() {
        return Lazy.CAPABILITIES.contains(Capability.SYS_RESOURCE) && OwnUsers.areHosts();
    }

    /** What this process may, and so at most what it can let others do with the host's users. */
    static CapabilitySet capabilities() {
        return Lazy.CAPABILITIES;
    }

    private static int readOomScore() {
        try {
            return Integer.parseInt(
                    Files.readString(Path.of("/proc/self/oom_score_adj")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the OOM score of this process", e);
        }
    }

    private static CapabilitySet readCapabilities() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .map(line -> new CapabilitySet(
                            Long.parseUnsignedLong(line.substring(7).strip(), 16)))
                    .findFirst()
                    .orElse(CapabilitySet.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the capabilities of this process", e);
        }
    }
}
