package io.aestus.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * This host as one that has cgroups of version 2 alone: namespaces in which a part of their tree is the only one. It is the
 * kernel's own, with whatever controllers version 1 leaves to it, which may be none: then what needs one is skipped.
 */
public final class UnifiedHost {
    /** The program itself is in a leaf. */
    private static final String ONE_TREE = "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup"
            + " && mkdir /sys/fs/cgroup/tests && echo $$ > /sys/fs/cgroup/tests/cgroup.procs";

    private UnifiedHost() {}

    /** Runs a class of tests there, to its good end. */
    public static void run(Path directory, Class<?> tests) throws Exception {
        try (var cgroup = OwnCgroup.make("unified")) {
            Apart.run(directory, cgroup.entering(), List.of("--cgroup"), ONE_TREE, UnifiedHost.class, tests.getName());
        }
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
