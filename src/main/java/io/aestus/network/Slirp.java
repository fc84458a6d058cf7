package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonWriter;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Epoll;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.PidFd;
import io.aestus.linux.Pipe;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * {@code slirp4netns}. It watches the process handle of the pod's first process and ends with it (Linux 6.9; before, whoever
 * removes the pod ends it).
 *
 * @see <a href="https://github.com/rootless-containers/slirp4netns/blob/master/slirp4netns.1.md">slirp4netns(1)</a>
 */
final class Slirp implements Carrier {
    /** The descriptors that it is given behind its standard streams. */
    private static final int POD = 3;

    private static final int READY = 4;
    private static final int LONGEST_ANSWER = 4096;

    @Override
    public String name() {
        return "slirp4netns";
    }

    @Override
    public long start(Path program, Path namespace, PidFd pod, List<PortMapping> ports, Duration limit)
            throws IOException {
        Path directory = Files.createTempDirectory("aestus-"); // short enough for the name of a socket, and ours alone
        Path socket = directory.resolve("api");
        try (Pipe ready = Pipe.open();
                Fd nothing = Fd.openForWriting(Path.of("/dev/null"))) {
            try (ChildProcess process = launch(program, namespace, socket, pod, nothing, ready.writer())) {
                try {
                    ready.writer().close();
                    await(ready.reader(), limit);
                    for (PortMapping port : ports) {
                        lead(socket, port);
                    }
                    return process.pid();
                } catch (IOException | RuntimeException e) {
                    process.pidfd().signal(Signal.SIGKILL);
                    process.pidfd().reap();
                    throw e;
                }
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(directory);
        }
    }

    private static ChildProcess launch(Path program, Path namespace, Path socket, PidFd pod, Fd nothing, Fd ready)
            throws IOException {
        try (var child = new ChildProgram();
                Fd to = ready.duplicate()) { // numbered clear of what is assigned
            child.startSession();
            child.unblockSignals();
            child.assign(List.of(nothing, nothing, nothing, pod.fd(), to), 0);
            child.closeOnExecFrom(READY + 1);
            child.execute(
                    List.of(program.toString()),
                    List.of(
                            "slirp4netns",
                            "--configure",
                            "--mtu=65520",
                            "--disable-host-loopback",
                            "--enable-sandbox",
                            "--enable-seccomp",
                            "--exit-fd=" + POD,
                            "--ready-fd=" + READY,
                            "--api-socket=" + socket,
                            "--netns-type=path",
                            namespace.toString(),
                            INTERFACE),
                    List.of("PATH=/usr/bin:/bin:/usr/sbin:/sbin"));
            return ProcessLauncher.open().launch(child, LaunchOptions.PLAIN);
        }
    }

    private static void await(Fd ready, Duration limit) throws IOException {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(ready, Epoll.IN, 0);
            boolean isOver = !epoll.await(limit).isEmpty();
            if (!isOver || ready.read(new byte[1], 0, 1) <= 0) {
                throw refused(
                        isOver
                                ? "it ended, as it does where /dev/net/tun may not be opened"
                                : "it takes more than " + limit);
            }
        }
    }

    /** Has a port of the host lead into the pod: one request and one answer a connection. */
    private static void lead(Path socket, PortMapping port) throws IOException {
        JsonObject request = JsonObject.builder()
                .put("execute", "add_hostfwd")
                .put(
                        "arguments",
                        JsonObject.builder()
                                .put("proto", port.protocol().name().toLowerCase(Locale.ROOT))
                                .put("host_addr", port.hostAddress().orElse("0.0.0.0"))
                                .put("host_port", port.hostPort())
                                .put("guest_addr", ADDRESS)
                                .put("guest_port", port.podPort())
                                .build())
                .build();
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                InputStream in = Channels.newInputStream(channel)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var text = ByteBuffer.wrap(JsonWriter.compact(request));
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.shutdownOutput();
            byte[] answer = in.readNBytes(LONGEST_ANSWER);
            var error = JsonReader.read(answer, "the answer of slirp4netns").optional("error");
            if (error.isPresent()) {
                throw refused("port " + port + ": " + Quoted.of(new String(answer, StandardCharsets.UTF_8).strip()));
            }
        }
    }

    private static AestusException refused(String why) {
        return new AestusException(Problem.UNAVAILABLE, "cannot attach the pod to its network by slirp4netns: " + why);
    }
}
