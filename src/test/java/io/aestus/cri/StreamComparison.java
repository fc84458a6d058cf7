package io.aestus.cri;

import io.aestus.bench.SideBySide;
import io.aestus.cri.v1.AttachRequest;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ExecRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.testing.TestTier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Streams of the agent beside those of containerd: output of a container through the client library of kubectl.
 *
 * <p>Arguments: containerd's socket, the agent's, a directory to work in.
 */
final class StreamComparison {
    private static final int MEBIBYTES = 64;
    private static final int WARM_UPS = 2;
    private static final int ROUNDS = 9;

    private StreamComparison() {}

    public static void main(String[] args) throws Exception {
        try (var containerd = Peer.open("containerd", Path.of(args[0]), Path.of(args[2]));
                var aestus = Peer.open("aestus", Path.of(args[1]), Path.of(args[2]))) {
            var execs = new SideBySide(WARM_UPS, ROUNDS);
            var attachments = new SideBySide(WARM_UPS, ROUNDS);
            for (Peer peer : List.of(containerd, aestus)) {
                execs.with(peer.name(), peer::takeExec);
                attachments.with(peer.name(), peer::takeAttachment);
            }
            execs.print(MEBIBYTES + " MiB of output of a command, streamed");
            attachments.print(MEBIBYTES + " MiB of output of a container, logged and attached to");
        }
    }

    /** One server of the interface, with a container that writes as many mebibytes as it reads. */
    private record Peer(CriPeer server, CriPeer.Running running) implements AutoCloseable {
        static Peer open(String name, Path socket, Path work) throws IOException {
            var server = new CriPeer(name, socket, work);
            var writer = ContainerConfig.newBuilder()
                    .addAllCommand(List.of("/bin/sh", "-c", "while read n; do " + output("$n") + "; done"))
                    .setStdin(true);
            return new Peer(server, server.start("streams", writer));
        }

        String name() {
            return server.name();
        }

        private static String output(String mebibytes) {
            return "/bin/busybox dd if=/dev/zero bs=1M count=" + mebibytes + " 2>/dev/null";
        }

        Duration takeExec() throws Exception {
            String url = server.client()
                    .runtime
                    .exec(ExecRequest.newBuilder()
                            .setContainerId(running.container())
                            .addAllCmd(List.of("/bin/sh", "-c", output(Integer.toString(MEBIBYTES))))
                            .setStdout(true)
                            .build())
                    .getUrl();
            return take(url, "", "-no-stderr");
        }

        Duration takeAttachment() throws Exception {
            String url = server.client()
                    .runtime
                    .attach(AttachRequest.newBuilder()
                            .setContainerId(running.container())
                            .setStdin(true)
                            .setStdout(true)
                            .build())
                    .getUrl();
            return take(url, MEBIBYTES + "\n", "-no-stderr", "-stdin");
        }

        /** From the opening of a stream to the last byte. */
        private Duration take(String url, String input, String... options) throws Exception {
            var command = new ArrayList<String>();
            command.add(TestTier.clusterTools().resolve("stream-client").toString());
            command.addAll(List.of(options));
            command.addAll(List.of("command", url));
            long begin = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (InputStream output = process.getInputStream()) {
                process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
                byte[] buffer = new byte[1 << 16];
                for (long left = (long) MEBIBYTES << 20; left > 0; ) {
                    int read = output.read(buffer);
                    if (read < 0) {
                        throw new IOException(name() + ": the stream ends early, " + left + " bytes are missing");
                    }
                    left -= read;
                }
                return Duration.ofNanos(System.nanoTime() - begin);
            } finally {
                process.destroyForcibly();
                process.waitFor();
            }
        }

        @Override
        public void close() throws InterruptedException {
            server.client()
                    .runtime
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(running.sandbox())
                            .build());
            server.close();
        }
    }
}
