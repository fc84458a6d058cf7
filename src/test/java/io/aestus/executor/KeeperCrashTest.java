package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** As on a kernel that does not remember how processes ended. */
@Tag("host")
class KeeperCrashTest extends CrashContract {
    KeeperCrashTest() {
        super(Isolation.NATIVE_WITH_KEEPER);
    }

    private Path record() {
        return directory.resolve("exits/keeper");
    }

    private PidFd keeper() throws IOException {
        String pid = Files.readString(record()).split(" ", 2)[0];
        return PidFd.open(Long.parseLong(pid)).orElseThrow();
    }

    @AfterEach
    void the_keeper_has_gone_with_the_last_app() throws IOException {
        try (var node = Node.on(directory, Isolation.NATIVE_WITH_KEEPER)) {
            node.executor.list().forEach(pod -> {
                node.executor.stop(pod.uuid(), StopOptions.NOW);
                node.executor.remove(pod.uuid());
            });
            node.executor.gc(GcOptions.DEFAULT);
        }
        assertFalse(Files.exists(record()), "the keeper is there");
    }

    @Test
    void one_keeper_serves_all_pods_and_goes_with_the_last() throws Exception {
        try (var node = Node.on(directory, Isolation.NATIVE_WITH_KEEPER)) {
            var first = node.run(Node.sandbox(Node.app("web", "sleep 1000")));
            String keeper = Files.readString(record());
            var second = node.run(Node.sandbox(Node.app("web", "sleep 1000")));
            assertEquals(keeper, Files.readString(record()));
            node.executor.stop(first, StopOptions.NOW);
            assertEquals(keeper, Files.readString(record()));
            node.executor.stop(second, StopOptions.NOW);
            assertFalse(Files.exists(record()), "the keeper of no app");
        }
    }

    /** An owner is killed, and then the brief app ends. */
    private long orphan(Runnable meanwhile) throws Exception {
        PodUuid pod;
        try (var owner = OwnerProcess.start(directory, Isolation.NATIVE_WITH_KEEPER, OwnerProcess.Task.LOOK_AFTER)) {
            pod = PodUuid.parse(owner.hear());
            owner.kill();
        }
        meanwhile.run();
        var files = new PodFiles(directory);
        long brief = files.apps(files.find(pod).orElseThrow()).stream()
                .filter(app -> app.name().equals(Node.name("brief")))
                .flatMap(app -> app.process().stream())
                .findFirst()
                .orElseThrow()
                .pid();
        var process = PidFd.open(brief);
        if (process.isPresent()) {
            try (PidFd open = process.get()) {
                assertTrue(open.awaitEnd(Node.SOON));
            }
        }
        return brief;
    }

    /** On this kernel, and where init reaps late, there are other ways to know. */
    @Test
    void the_keeper_itself_knows_how_an_app_ended_that_nobody_looked_after() throws Exception {
        long brief = orphan(() -> {});
        assertEquals(Optional.of(new ProcessExit.Code(4)), new ExitKeeper(directory).ended(brief));
        assertEquals(Optional.of(new ProcessExit.Code(4)), new ExitKeeper(directory).ended(brief), "asked twice");
    }

    @Test
    void a_child_that_ended_before_it_was_watched_for_is_remembered_too() throws Exception {
        Files.createDirectories(directory.resolve("pods"));
        var keeper = new ExitKeeper(directory);
        try (var program = new ChildProgram()) {
            program.unblockSignals();
            program.execute(List.of("/bin/sh"), List.of("sh", "-c", "exit 6"), List.of());
            try (var child = ProcessLauncher.open().launch(program, LaunchOptions.PLAIN)) {
                assertTrue(child.pidfd().awaitEnd(Node.SOON));
                keeper.watch(child.pid(), child.pidfd());
                child.pidfd().reap();
                assertEquals(Optional.of(new ProcessExit.Code(6)), keeper.ended(child.pid()));
                keeper.forget(child.pid());
                assertEquals(Optional.empty(), keeper.ended(child.pid()));
            }
        }
    }

    /** As whoever ends it leaves it that is killed amid that. */
    @Test
    void what_is_left_of_a_keeper_that_is_gone_goes_with_the_next_collection() throws Exception {
        try (var node = Node.on(directory, Isolation.NATIVE_WITH_KEEPER)) {
            var pod = node.run(Node.sandbox(Node.app("web", "sleep 1000")));
            try (var keeper = keeper()) { // a child of ours
                keeper.signal(Signal.SIGKILL);
                keeper.reap();
            }
            node.executor.stop(pod, StopOptions.NOW);
            node.executor.remove(pod);
            node.executor.gc(GcOptions.DEFAULT);
            assertFalse(Files.exists(record()), "the record of a keeper that is gone");
        }
    }

    @Test
    void without_its_keeper_nobody_knows_and_the_next_app_has_a_new_one() throws Exception {
        long brief = orphan(() -> {
            try (var keeper = keeper()) {
                keeper.signal(Signal.SIGKILL);
                assertTrue(keeper.awaitEnd(Node.SOON));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertEquals(Optional.empty(), new ExitKeeper(directory).ended(brief));
        String old = Files.readString(record());
        try (var node = Node.on(directory, Isolation.NATIVE_WITH_KEEPER)) {
            node.run(Node.sandbox(Node.app("next", "sleep 1000")));
            assertNotEquals(old, Files.readString(record()));
        }
    }
}
