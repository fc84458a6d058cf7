package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.Errno;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompPolicy;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kernels that lack a system call, or where a filter of whoever started us forbids it: the whole program is under such a filter
 * from its first instruction on.
 */
@Tag("host")
@Timeout(240)
class LackingKernelTest {
    private static final Map<String, Integer> ERRNOS = Map.of("ENOSYS", Errno.ENOSYS, "EPERM", Errno.EPERM);

    @TempDir
    static Path dir;

    private static Box box;
    private static Filtered filtered;

    @BeforeAll
    static void open() throws IOException {
        box = new Box(dir);
        filtered = new Filtered(box);
    }

    @AfterAll
    static void close() {
        if (box != null) {
            box.close();
        }
    }

    /** Runs a command line under a filter that answers a call with an errno. */
    private static Shell.Result without(String call, String errno, String words) throws IOException {
        var policy = SeccompPolicy.otherwise(SeccompAction.ALLOW)
                .build()
                .without(List.of(call), SeccompAction.errno(ERRNOS.get(errno)));
        return filtered.run(policy, words);
    }

    /** The cgroups of pods of which there is a record, be it of why they were not started. */
    private static Set<Path> cgroups() throws IOException {
        var found = new TreeSet<Path>();
        for (String entry : filtered.there()) {
            for (Path root : CgroupTrees.roots()) {
                found.add(root.resolve("aestus").resolve(Path.of(entry).getFileName()));
            }
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource({
        "clone3, ENOSYS, clone3",
        "openat2, ENOSYS, openat2",
        "openat2, EPERM, openat2",
        "open_tree, ENOSYS, mount objects",
        "open_tree, EPERM, mount objects",
        "move_mount, ENOSYS, mount objects",
        "move_mount, EPERM, mount objects",
        "fsopen, ENOSYS, mount objects",
        "fsopen, EPERM, mount objects",
        "fsconfig, ENOSYS, mount objects",
        "fsmount, EPERM, mount objects",
        "mount_setattr, ENOSYS, mount objects",
        "mount_setattr, EPERM, mount objects",
        "setns, ENOSYS, namespaces",
        "setns, EPERM, namespaces",
        "unshare, EPERM, namespaces",
        "pidfd_send_signal, ENOSYS, process handles",
        "pidfd_getfd, ENOSYS, parked descriptors",
        "pidfd_getfd, EPERM, parked descriptors",
        "memfd_create, ENOSYS, execution from memory",
        "execveat, EPERM, execution from memory",
    })
    void what_is_missing_is_named_with_a_remedy_and_nothing_is_left(String call, String errno, String feature)
            throws IOException {
        Set<String> before = filtered.there();
        var doctor = without(call, errno, "doctor");
        var refused = without(call, errno, "run " + box.image + " --exec /bin/true");
        String said = call + " " + errno + ": " + refused.err();
        assertEquals(ExitCode.FAILED, refused.code(), said);
        List<String> lines = refused.err().lines().toList();
        assertEquals(2, lines.size(), said);
        assertTrue(lines.get(0).startsWith("aestus: cannot ") && lines.get(0).contains(errno), said);
        assertTrue(lines.get(1).startsWith("  try: ") && lines.get(1).contains("aestus doctor"), said);
        assertFalse(refused.err().contains("internal error"), said);
        Set<Path> cgroups = cgroups();
        box.run("gc", "--grace-period=0s").ok();
        assertEquals(before, filtered.there(), said);
        assertEquals(List.of(), cgroups.stream().filter(Files::exists).toList(), said);

        assertEquals(ExitCode.FAILED, doctor.code(), doctor.out() + doctor.err());
        List<String> missing = new ArrayList<>(
                doctor.out().lines().filter(line -> line.startsWith("MISSING")).toList());
        assertTrue(
                missing.stream().anyMatch(line -> line.contains(feature) && line.contains(call)),
                call + " " + errno + ": " + doctor.out());
        assertTrue(doctor.out().contains("Pods cannot run here."), doctor.out());
    }

    @ParameterizedTest
    @CsvSource({"ENOSYS", "EPERM"})
    void what_only_the_next_owner_needs_is_told_by_doctor_alone(String errno) throws IOException {
        without("pidfd_open", errno, "run " + box.image + " --exec /bin/true").ok();
        String found = without("pidfd_open", errno, "doctor").ok();
        assertTrue(found.lines().anyMatch(line -> line.startsWith("missing") && line.contains("pidfd_open")), found);
        box.run("gc", "--grace-period=0s").ok();
    }
}
