package io.aestus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** After every class of tier {@code host}: no mount and no child process that was not there before it, and no cgroup of its own. */
public final class NothingLeft implements BeforeAllCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(NothingLeft.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private record Seen(Set<String> mounts, Set<String> children, Set<String> cgroups) {
        /** Of cgroups, those that the class made and that cannot be removed. */
        static Seen now() throws IOException {
            var mounts = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                    .map(line -> line.split(" ", 6)[4])
                    .collect(Collectors.toCollection(TreeSet::new));
            try (Stream<ProcessHandle> handles = ProcessHandle.current().children()) {
                var children = handles.map(child ->
                                child.pid() + " " + child.info().command().orElse("?"))
                        .collect(Collectors.toCollection(TreeSet::new));
                return new Seen(mounts, children, CgroupTrees.removeMade());
            }
        }

        Seen without(Seen before) {
            var newMounts = new TreeSet<>(mounts);
            newMounts.removeAll(before.mounts);
            var newChildren = new TreeSet<>(children);
            newChildren.removeAll(before.children);
            return new Seen(newMounts, newChildren, cgroups);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (context.getTags().contains("host")) {
            CgroupTrees.forgetMade();
            context.getStore(HERE).put("before", Seen.now());
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        Seen before = context.getStore(HERE).get("before", Seen.class);
        if (before == null) {
            return;
        }
        var nothing = new Seen(Set.of(), Set.of(), Set.of());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Seen left = Seen.now().without(before);
        while (!left.equals(nothing) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            left = Seen.now().without(before);
        }
        assertEquals(nothing, left, "left behind by " + context.getDisplayName());
    }
}
