package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.testing.PackedProgram;
import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
    private static final int SIGWINCH = 28;

    @Test
    void a_signal_to_the_waiting_thread_is_no_failure_of_the_launch() throws Exception {
        AtomicInteger handled = countWindowChanges();
        var thread = new CompletableFuture<Long>();
        try (var waiting = Executors.newSingleThreadExecutor(Thread.ofPlatform().factory())) {
            var answer = waiting.submit(() -> {
                try (Arena arena = Arena.ofConfined();
                        Handshake handshake = Handshake.open(arena, Duration.ofSeconds(5))) {
                    thread.complete(Libc.call(Syscall.GETTID).orThrow("ask for the thread"));
                    return handshake.awaitChild(
                            arena, System.nanoTime() + Duration.ofMillis(500).toNanos());
                }
            });
            long tid = thread.get(5, TimeUnit.SECONDS);
            while (!answer.isDone()) {
                Libc.call(Syscall.TGKILL, ProcessHandle.current().pid(), tid, SIGWINCH);
            }
            assertEquals(0, answer.get(5, TimeUnit.SECONDS), "there was no child");
        }
        assertTrue(handled.get() > 0, "no signal has arrived");
    }

    @ParameterizedTest
    @ValueSource(strings = {"before its steps", "amid its steps", "apart", "ahead", "executed"})
    void a_child_whose_agent_dies_meanwhile_dies_with_it(String where) throws Exception {
        var command = new ArrayList<>(PackedProgram.of(HandshakeTest.class));
        command.add(where);
        Process agent = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            ProcessHandle child = ProcessHandle.of(
                            Long.parseLong(agent.inputReader().readLine()))
                    .orElseThrow();
            agent.destroyForcibly();
            child.onExit().get(20, TimeUnit.SECONDS);
        } finally {
            agent.destroyForcibly();
        }
    }

    /** An agent whose child is never prepared, or never allowed to go on. */
    public static void main(String[] args) throws Exception {
        LaunchOptions.Preparation endless = pid -> {
            System.out.println(pid);
            LockSupport.parkNanos(Duration.ofMinutes(5).toNanos());
        };
        if (args[0].equals("ahead")) {
            stayAhead(endless);
            return;
        }
        if (args[0].equals("executed")) {
            execute(endless);
            return;
        }
        boolean isFirst = args[0].startsWith("before");
        try (var child = args[0].equals("apart") ? ChildProgram.apart() : new ChildProgram()) {
            if (!isFirst) {
                child.startSession();
                child.pauses().add(endless, Duration.ofMinutes(5));
            }
            if (child.isUnborn()) {
                child.beBorn();
            }
            child.execute(List.of("/bin/true"), List.of("true"), List.of());
            var plain = LaunchOptions.PLAIN.within(Duration.ofMinutes(5));
            ProcessLauncher.open().launch(child, isFirst ? plain.preparedBy(endless) : plain);
        }
    }

    /** By reflection: the only way to handle a signal warns whoever compiles against it. */
    private static AtomicInteger countWindowChanges() throws ReflectiveOperationException {
        var handled = new AtomicInteger();
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object counting = Proxy.newProxyInstance(
                handler.getClassLoader(), new Class<?>[] {handler}, (_, _, _) -> handled.incrementAndGet() < 0);
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), counting);
        return handled;
    }

    /** Its program asked for that before. */
    private static void execute(LaunchOptions.Preparation endless) throws Exception {
        try (var child = new ChildProgram()) {
            child.rights().endWithAgent();
            child.execute(List.of("/bin/sleep"), List.of("sleep", "1000"), List.of());
            endless.prepare(
                    ProcessLauncher.open().launch(child, LaunchOptions.PLAIN).pid());
        }
    }

    private static void stayAhead(LaunchOptions.Preparation endless) throws Exception {
        var child = ChildProgram.ahead();
        child.standStill(List.of());
        try (var _ = ProcessLauncher.open().launchAhead(child, LaunchOptions.PLAIN)) {
            endless.prepare(
                    ProcessHandle.current().children().findFirst().orElseThrow().pid());
        }
    }
}
