package io.aestus.agent;

import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A node as a process of its own, which tests can kill. Arguments are settings: {@code NAME=VALUE}. */
final class AgentProgram {
    private AgentProgram() {}

    /** Where it also serves the health protocol of gRPC: for probes of pods on its network, since busybox has none. */
    static final int HEALTH_PORT = 50051;

    /** What starts it. */
    static List<String> command(String... settings) {
        return command(AgentProgram.class, settings);
    }

    /** What starts a program of the tests. */
    static List<String> command(Class<?> program, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        NettyServerBuilder.forPort(HEALTH_PORT)
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
        Map<String, String> set = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            set.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        // Never closed: it ends by a signal, as a real one may.
        Node.open(NodeSettings.read(set::get), "1.0.0").start();
        new CountDownLatch(1).await();
    }
}
