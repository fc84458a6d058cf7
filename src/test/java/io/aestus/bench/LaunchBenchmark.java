package io.aestus.bench;

import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From Java to the exit status of {@code true}: our launch beside the JDK's own, neither isolated. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class LaunchBenchmark {
    private static final List<String> TRUE = List.of("/bin/true");

    private ProcessLauncher launcher;

    @Setup
    public void open() throws IOException {
        launcher = ProcessLauncher.open();
    }

    @Benchmark
    public ProcessExit launch() throws IOException {
        try (var child = new ChildProgram()) {
            child.unblockSignals();
            child.closeOnExecFrom(3);
            child.execute(TRUE, TRUE, List.of());
            try (ChildProcess process = launcher.launch(child, LaunchOptions.PLAIN)) {
                return process.pidfd().reap();
            }
        }
    }

    @Benchmark
    public int processBuilder() throws IOException, InterruptedException {
        return new ProcessBuilder(TRUE).start().waitFor();
    }
}
