package io.aestus.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * This host as one that has cgroups of version 2 alone: a mount namespace in which theirs is the only tree. It is the kernel's
 * own, with whatever controllers version 1 leaves to it, which may be none: then what needs one is skipped.
 */
public final class UnifiedHost {
    private static final String ONE_TREE = "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup";

    private UnifiedHost() {}

    /** Skips a test where the kernel has no cgroups of version 2. */
    public static void require() throws IOException {
        assumeTrue(Files.readString(Path.of("/proc/filesystems")).contains("cgroup2"), "this kernel has no cgroup v2");
    }

    /** Runs a class of tests there, to its good end. */
    public static void run(Path directory, Class<?> tests) throws Exception {
        Apart.run(directory, List.of(), ONE_TREE, UnifiedHost.class, tests.getName());
    }

    /** Runs the tests of the class {@code args[0]}; those that are skipped here are not told as skipped on this host. */
    public static void main(String[] args) {
        var summary = new SummaryGeneratingListener();
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .build())
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(args[0]))
                                .build(),
                        summary);
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        summary.getSummary().printFailuresTo(out, 20);
        summary.getSummary().printTo(out);
        boolean isGood = summary.getSummary().getTotalFailureCount() == 0
                && summary.getSummary().getTestsSucceededCount() > 0;
        System.exit(isGood ? 0 : 1);
    }
}
