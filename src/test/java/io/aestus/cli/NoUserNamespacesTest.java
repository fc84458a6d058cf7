package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.ArgumentTest;
import io.aestus.linux.AskedCall;
import io.aestus.linux.Errno;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompAnswers;
import io.aestus.linux.SeccompPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hosts that have no user namespaces: forbidden (EPERM, as inside a chroot), all taken or {@code user.max_user_namespaces=0}
 * (ENOSPC), or a kernel without them (EINVAL), whose {@code /proc} does not know of them either. The flags of {@code clone3} are
 * in memory, where no filter can look: so somebody is asked about it.
 */
@Tag("host")
@Timeout(240)
class NoUserNamespacesTest {
    private static final Map<String, Integer> ERRNOS =
            Map.of("EPERM", Errno.EPERM, "EINVAL", Errno.EINVAL, "ENOSPC", Errno.ENOSPC);
    private static final int CLONE_NEWUSER = 0x10000000;

    /** Which argument is a path, of the calls by which a file is looked for. */
    private static final Map<String, Integer> PATHS = Map.ofEntries(
            Map.entry("open", 0),
            Map.entry("access", 0),
            Map.entry("readlink", 0),
            Map.entry("stat", 0),
            Map.entry("lstat", 0),
            Map.entry("openat", 1),
            Map.entry("faccessat", 1),
            Map.entry("faccessat2", 1),
            Map.entry("readlinkat", 1),
            Map.entry("newfstatat", 1),
            Map.entry("statx", 1));

    private static final Set<String> OF_USER_NAMESPACES =
            Set.of("ns/user", "uid_map", "gid_map", "projid_map", "setgroups", "user/max_user_namespaces");

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

    private static SeccompPolicy.Builder refusing(int errno) {
        var makes = new ArgumentTest(0, ArgumentTest.Comparison.EQUAL, CLONE_NEWUSER, CLONE_NEWUSER);
        var joins = new ArgumentTest(1, ArgumentTest.Comparison.EQUAL, CLONE_NEWUSER, CLONE_NEWUSER);
        return SeccompPolicy.otherwise(SeccompAction.ALLOW)
                .on(List.of("clone", "unshare"), SeccompAction.errno(errno), makes)
                .on("setns", SeccompAction.errno(errno), joins)
                .on("clone3", SeccompAction.NOTIFY);
    }

    /** Runs a command line where no user namespace can be made. */
    private static Shell.Result refused(String errno, String words) throws Exception {
        int number = ERRNOS.get(errno);
        return filtered.run(refusing(number).build(), call -> ofClone(call, number), words);
    }

    private static int ofClone(AskedCall call, int errno) throws IOException {
        return (call.number(0) & CLONE_NEWUSER) == 0 ? SeccompAnswers.GOES_ON : errno;
    }

    /** Runs a command line as on a kernel that was built without user namespaces. */
    private static Shell.Result unknown(String words) throws Exception {
        SeccompPolicy policy =
                refusing(Errno.EINVAL).on(PATHS.keySet(), SeccompAction.NOTIFY).build();
        return filtered.run(
                policy,
                call -> {
                    if (!PATHS.containsKey(call.name())) {
                        return ofClone(call, Errno.EINVAL);
                    }
                    String path = call.path(PATHS.get(call.name()));
                    return path.startsWith("/proc/")
                                    && OF_USER_NAMESPACES.stream().anyMatch(path::endsWith)
                            ? Errno.ENOENT
                            : SeccompAnswers.GOES_ON;
                },
                words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EPERM", "EINVAL", "ENOSPC"})
    void a_pod_with_users_of_its_own_is_refused_with_cause_and_remedy(String errno) throws Exception {
        Set<String> before = filtered.there();
        requireRefused(errno, refused(errno, "run " + box.image + " --exec /bin/true"));
        box.run("gc", "--grace-period=0s").ok();
        assertEquals(before, filtered.there());
        refused(errno, "run --private-users=off " + box.image + " --exec /bin/true")
                .ok();
        requireMissing(refused(errno, "doctor").ok(), errno);
        box.run("gc", "--grace-period=0s").ok();
        assertEquals(before, filtered.there());
    }

    private static void requireRefused(String errno, Shell.Result refused) {
        assertEquals(ExitCode.FAILED, refused.code(), refused.out() + refused.err());
        List<String> lines = refused.err().lines().toList();
        assertEquals(2, lines.size(), refused.err());
        assertTrue(
                lines.getFirst().startsWith("aestus: cannot run a pod: make a user namespace: " + errno),
                refused.err());
        assertTrue(lines.getLast().startsWith("  try: "), refused.err());
        assertTrue(lines.getLast().contains("--private-users=off"), refused.err());
    }

    private static void requireMissing(String found, String why) {
        List<String> lines = found.lines().toList();
        int at = 0;
        while (!lines.get(at).startsWith("missing  user namespaces")) {
            at++;
            assertTrue(at < lines.size() - 1, found);
        }
        assertTrue(lines.get(at).contains(why), found);
        assertTrue(lines.get(at + 1).contains("--private-users=off"), found);
        assertTrue(found.contains("Pods can run here."), found);
    }

    @Test
    void a_kernel_that_never_heard_of_them_runs_pods_with_the_hosts_users() throws Exception {
        Set<String> before = filtered.there();
        requireRefused("EINVAL", unknown("run " + box.image + " --exec /bin/true"));
        String asUser = "run --private-users=off " + box.image + " --user=1000 --group=1000 -- -c 'id -u'";
        assertEquals("1000\n", unknown(asUser).ok());
        requireMissing(unknown("doctor").ok(), "this kernel has none");
        box.run("gc", "--grace-period=0s").ok();
        assertEquals(before, filtered.there());
    }

    @Test
    void all_commands_about_pods_work_on_such_a_kernel() throws Exception {
        String pod = unknown("run --detach --private-users=off " + box.image + " --name box -- -c 'sleep 1000'")
                .ok()
                .strip();
        assertEquals("0\n", unknown("enter " + pod + " id -u").ok());
        assertEquals("0\n", unknown("exec " + pod + " id -u").ok());
        unknown("cp " + pod + ":/etc/motd " + dir.resolve("copy")).ok();
        unknown("stop --force " + pod).ok();
        unknown("rm " + pod).ok();
    }
}
