package io.aestus.testing;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
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

    /** Runs classes of tests there, to their good end, in one process. */
    public static void run(Path directory, List<Class<?>> tests) throws Exception {
        String[] names = tests.stream().map(Class::getName).toArray(String[]::new);
        try (var cgroup = OwnCgroup.make("unified")) {
            Apart.run(directory, cgroup.entering(), List.of("--cgroup"), ONE_TREE, UnifiedHost.class, names);
        }
    }

    /** Of which classes a test has succeeded. */
    private static final class Succeeded implements TestExecutionListener {
        private final Set<String> classes = ConcurrentHashMap.newKeySet();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL
                    && test.getSource().orElse(null) instanceof MethodSource method) {
                classes.add(method.getClassName());
            }
        }
    }

    /** Runs the tests of all these classes, each of which has one that succeeds; those that are skipped here are not told as skipped on this host. */
    public static void main(String[] args) {
        var summary = new SummaryGeneratingListener();
        var succeeded = new Succeeded();
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .build())
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(Stream.of(args)
                                        .map(DiscoverySelectors::selectClass)
                                        .toList())
                                .build(),
                        summary,
                        succeeded);
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        summary.getSummary().printFailuresTo(out, 20);
        summary.getSummary().printTo(out);
        List<String> idle = Stream.of(args)
                .filter(name -> !succeeded.classes.contains(name))
                .toList();
        if (!idle.isEmpty()) {
            out.println("no test has succeeded of " + idle);
        }
        System.exit(summary.getSummary().getTotalFailureCount() == 0 && idle.isEmpty() ? 0 : 1);
    }
}
