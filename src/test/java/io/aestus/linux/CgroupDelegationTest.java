package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a delegated tree begins; a cgroup is ours if all of its files are there to be written. */
class CgroupDelegationTest {
    @TempDir
    Path unified;

    private Path cgroup(String path, boolean isOurs) throws IOException {
        Path made = Files.createDirectories(unified.resolve(path));
        if (isOurs) {
            Files.createFile(made.resolve("cgroup.procs"));
            Files.createFile(made.resolve("cgroup.subtree_control"));
        }
        return made;
    }

    @Test
    void it_begins_with_the_highest_that_is_ours() throws IOException {
        cgroup("user.slice", false);
        Path service = cgroup("user.slice/user@1000.service", true);
        cgroup("user.slice/user@1000.service/app.slice", true);
        cgroup("user.slice/user@1000.service/app.slice/run.scope", true);
        assertEquals(
                Optional.of(service),
                CgroupDelegation.root(unified, "1:cpu:/x\n0::/user.slice/user@1000.service/app.slice/run.scope\n"));
    }

    @Test
    void our_own_alone_is_of_no_use_and_neither_is_that_of_a_session() throws IOException {
        cgroup("alone", true);
        cgroup("user.slice/session-1.scope", false);
        assertEquals(Optional.empty(), CgroupDelegation.root(unified, "0::/alone\n"));
        assertEquals(Optional.empty(), CgroupDelegation.root(unified, "0::/user.slice/session-1.scope\n"));
        assertEquals(Optional.empty(), CgroupDelegation.root(unified, "1:cpu:/x\n"));
        assertEquals(Optional.empty(), CgroupDelegation.root(unified, "0::/\n"));
    }
}
