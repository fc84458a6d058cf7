package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.linux.Fd;
import io.aestus.linux.Mounts;
import io.aestus.linux.NewFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot run is refused in one sentence with a remedy, and leaves nothing behind. */
@Tag("host")
class FaultsHostTest {
    @TempDir
    static Path dir;

    private static Box box;

    @BeforeAll
    static void open() throws IOException {
        box = new Box(dir);
    }

    @AfterAll
    static void close() {
        if (box != null) {
            box.close();
        }
    }

    private static Shell.Result run(String options) {
        var line = new ArrayList<>(List.of("run"));
        for (String word : options.split(" ", -1)) {
            line.add(word.equals("IMAGE") ? box.image : word);
        }
        return box.run(line.toArray(String[]::new));
    }

    /** Pods and ranges of users: what there is beside the store. */
    private static Set<String> there() throws IOException {
        var found = new ArrayList<Path>();
        for (Path place :
                List.of(box.shell.data().resolve("pods"), box.shell.data().resolve("users"))) {
            if (Files.isDirectory(place)) {
                try (var entries = Files.list(place)) {
                    entries.filter(each -> Files.isDirectory(each) || Files.isSymbolicLink(each))
                            .forEach(found::add);
                }
            }
        }
        return found.stream().map(Path::toString).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--strict IMAGE --isolator example.com/moon=1"
                        + "|cannot start app box: example.com/moon is not enforced, not known here"
                        + "|without this isolator, or not strictly",
                "--strict --isolator example.com/moon=1 IMAGE|example.com/moon is not enforced, not known here"
                        + "|without this isolator",
                "IMAGE --memory 1k|cannot limit memory to 1k: no program starts in less than 1Mi|a higher limit",
                "IMAGE --cpu 0|cannot limit processors to 0: without any nothing runs|a higher limit",
                "IMAGE --mount volume=data,target=/data"
                        + "|no volume data for /data: the pod has none|a volume data of the pod",
                "--volume data,kind=empty IMAGE|no app mounts volume data|--mount volume=data,target=PATH",
                "--volume data,kind=host,source=/not/there --mount volume=data,target=/data IMAGE"
                        + "|cannot mount volume data on /data: '/not/there' is not there|",
                "--net=nowhere IMAGE|cannot find network 'nowhere'|",
                "--net=lost IMAGE|cannot find network plugin no-such-plugin|install the CNI plugins",
                "IMAGE --exec /not/there|/not/there|a program that is in the image",
                "IMAGE --device /not/there|/not/there|",
                "IMAGE --user nobody-of-the-kind|nobody-of-the-kind|",
            })
    void what_cannot_run_is_refused_and_leaves_nothing(String options, String reason, String remedy)
            throws IOException {
        Files.createDirectories(box.shell.config().resolve("net.d"));
        Files.writeString(box.shell.config().resolve("net.d/lost.conflist"), """
                {"cniVersion": "1.0.0", "name": "lost", "plugins": [{"type": "no-such-plugin"}]}
                """);
        box.run("gc", "--grace-period=0s").ok(); // of pods that other tests have run
        Set<String> before = there();
        var refused = run(options);
        assertEquals(ExitCode.FAILED, refused.code(), refused.err());
        List<String> said =
                refused.err().lines().filter(line -> !line.isBlank()).toList();
        assertTrue(
                said.getFirst().startsWith("aestus: cannot ") && said.getFirst().contains(reason), refused.err());
        assertTrue(
                remedy == null || refused.err().matches("(?s).*\n  try: .*" + Pattern.quote(remedy) + ".*"),
                refused.err());
        assertTrue(said.size() <= 2, refused.err());
        box.run("gc", "--grace-period=0s").ok(); // the record of why it was not started
        assertEquals(before, there());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IMAGE --memory lots|'lots'",
                "IMAGE --memory -1|'-1'",
                "IMAGE --cpu-shares 1|--cpu-shares",
                "IMAGE --isolator os/linux/oom-score-adj=5000|must be a whole number from -1000 to 1000",
            })
    void what_is_no_quantity_is_refused_before_anything_is_done(String options, String reason) throws IOException {
        Set<String> before = there();
        var refused = run(options);
        assertTrue(refused.code() == ExitCode.FAILED || refused.code() == ExitCode.USAGE, refused.err());
        assertTrue(refused.err().startsWith("aestus: cannot ") && refused.err().contains(reason), refused.err());
        assertEquals(before, there());
    }

    @Test
    void a_port_of_another_pod_is_refused() throws IOException {
        String first = box.start("sleep 1000", "--net=default", "--port", "18080:80");
        try {
            Set<String> before = there();
            var refused = run("--net=default --port 18080:80 IMAGE");
            assertEquals(ExitCode.FAILED, refused.code());
            assertTrue(refused.err().contains("cannot map port"), refused.err());
            assertTrue(refused.err().contains("try: another port of the host"), refused.err());
            box.run("gc", "--grace-period=0s").ok();
            assertEquals(before, there());
        } finally {
            box.run("stop", "--force", first).ok();
            box.run("rm", first).ok();
        }
    }

    /** With a few more kilobytes each time, until they suffice. */
    @Test
    void a_full_disk_is_named_and_the_pod_is_gone(@TempDir Path other) throws Exception {
        Path data = Files.createDirectories(other.resolve("data"));
        try (var tmpfs = NewFileSystem.open("tmpfs").with("size", "16m");
                Fd disk = tmpfs.mount(Set.of())) {
            Mounts.attach(disk, data);
        }
        try (var full = new Box(other)) {
            full.run("run", full.image, "--exec", "/bin/true").ok();
            full.run("gc", "--grace-period=0s").ok();
            int failures = 0;
            boolean fits = false;
            for (int left = 0; left <= 256 && !fits; left += 4) {
                Path filler = fillBut(data, left << 10);
                var result = full.run("run", full.image, "--exec", "/bin/true");
                fits = result.code() == 0;
                if (!fits) {
                    failures++;
                    assertEquals(ExitCode.FAILED, result.code(), result.err());
                    assertTrue(result.err().contains("No space left on device"), result.err());
                    assertTrue(result.err().contains("try: aestus gc"), result.err());
                    assertEquals(2, result.err().lines().count(), result.err());
                }
                Files.delete(filler);
                full.run("gc", "--grace-period=0s").ok();
                assertEquals(List.of(), entries(data.resolve("pods")));
                assertEquals(List.of(), entries(data.resolve("users")));
            }
            assertTrue(fits && failures > 1, failures + " failures");
        } finally {
            Mounts.unmount(data, Mounts.Removal.DETACH);
        }
    }

    /** With one more process each time, until they suffice: from where commands that start nothing work. */
    @Test
    void a_full_pids_cgroup_is_named_and_nothing_is_left() throws Exception {
        Path cgroups = Path.of("/sys/fs/cgroup/pids");
        assumeTrue(Files.isDirectory(cgroups), "pids are not limited by cgroup v1 here");
        Path cgroup = Files.createDirectory(cgroups.resolve("aestus-test-" + dir.getFileName()));
        Set<String> before = there();
        try {
            int limit = 6;
            while (within(cgroup, limit, "list").code() != 0) {
                limit++;
            }
            int failures = 0;
            var result = within(cgroup, limit, "run " + box.image + " --exec /bin/true");
            for (; result.code() != 0 && limit < 60; limit++) {
                failures++;
                String said = "with " + limit + ": " + result.err();
                assertEquals(ExitCode.FAILED, result.code(), said);
                assertTrue(result.err().startsWith("aestus: cannot "), said);
                assertTrue(result.err().contains("\n  try: "), said);
                assertFalse(result.err().contains("\tat "), said);
                box.run("gc", "--grace-period=0s").ok();
                assertEquals(before, there(), said);
                result = within(cgroup, limit + 1, "run " + box.image + " --exec /bin/true");
            }
            assertEquals(0, result.code(), result.err());
            assertTrue(failures > 1, failures + " failures");
        } finally {
            box.run("gc", "--grace-period=0s").ok();
            Files.delete(cgroup);
        }
    }

    /** With some more each time until they suffice. The program is in few files, as it is packed. */
    @ParameterizedTest
    @CsvSource({"run", "run --detach"})
    void too_few_descriptors_are_named_and_nothing_is_left(String command) throws Exception {
        box.run("gc", "--grace-period=0s").ok();
        Set<String> before = there();
        int failures = 0;
        int limit = 8;
        String words = " " + box.image + " --exec /bin/true";
        var result = withDescriptors(limit, command + words);
        for (; result.code() != 0 && limit < 100; result = withDescriptors(limit, command + words)) {
            failures++;
            String said = "with " + limit + ": " + result.err();
            assertEquals(ExitCode.FAILED, result.code(), said);
            assertTrue(result.err().contains("aestus: cannot "), said);
            assertTrue(result.err().contains("\n  try: ") && result.err().contains("ulimit -n"), said);
            assertFalse(result.err().contains("\tat "), said);
            box.run("gc", "--grace-period=0s").ok();
            assertEquals(before, there(), said);
            limit += 3;
        }
        assertEquals(0, result.code(), result.err());
        assertTrue(failures > 5, failures + " failures");
        if (command.endsWith("--detach")) {
            box.run("stop", "--force", result.out().strip());
        }
    }

    private static Shell.Result withDescriptors(int most, String words) throws Exception {
        return apart("ulimit -n " + most + "; exec " + box.command(words), "with " + most);
    }

    private static Shell.Result within(Path cgroup, int processes, String words) throws Exception {
        Files.writeString(cgroup.resolve("pids.max"), Integer.toString(processes));
        return apart(
                "echo $$ > " + cgroup.resolve("cgroup.procs") + "; exec " + box.command(words), "with " + processes);
    }

    private static Shell.Result apart(String script, String how) throws Exception {
        Path err = Files.createTempFile(dir, "err", "");
        Process process = new ProcessBuilder("/bin/sh", "-c", script)
                .redirectError(err.toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), how + " it does not end");
        return new Shell.Result(process.exitValue(), out, Files.readString(err));
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    private static Path fillBut(Path directory, int bytes) throws IOException {
        Path filler = directory.resolve("filler");
        long free = Files.getFileStore(directory).getUsableSpace();
        try (var file = Files.newOutputStream(filler)) {
            byte[] page = new byte[4096];
            for (long written = 0; written < free - bytes; written += page.length) {
                file.write(page);
            }
        }
        return filler;
    }
}
