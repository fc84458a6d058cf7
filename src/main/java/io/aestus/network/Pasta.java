package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code pasta}, which goes on by itself once the network is up, until the file is removed on which the namespace is pinned.
 *
 * @see <a href="https://passt.top/builds/latest/web/passt.1.html">pasta(1)</a>
 */
final class Pasta implements Carrier {
    private static final int LONGEST_MESSAGE = 4096;

    @Override
    public String name() {
        return "pasta";
    }

    @Override
    public long start(Path program, Path namespace, PidFd pod, List<PortMapping> ports, Duration limit)
            throws IOException {
        Path number = namespace.resolveSibling(namespace.getFileName() + ".pid");
        try {
            run(command(program, namespace, number, ports), limit);
            return Long.parseLong(Files.readString(number).strip());
        } finally {
            Files.deleteIfExists(number);
        }
    }

    static List<String> command(Path program, Path namespace, Path number, List<PortMapping> ports) {
        var command = new ArrayList<>(List.of(
                program.toString(),
                "--quiet",
                "--config-net",
                "--ipv4-only",
                "--no-map-gw", // else the gateway would be the host's loopback
                "--ns-ifname",
                INTERFACE,
                "--address",
                ADDRESS,
                "--netmask",
                "24",
                "--gateway",
                "10.0.2.2",
                "--dns-forward",
                NAME_SERVER,
                "--tcp-ns",
                "none",
                "--udp-ns",
                "none",
                "--pid",
                number.toString(),
                "--netns-only",
                "--netns",
                namespace.toString()));
        for (var protocol : List.of(PortMapping.Protocol.TCP, PortMapping.Protocol.UDP)) {
            String option = protocol == PortMapping.Protocol.TCP ? "--tcp-ports" : "--udp-ports";
            List<PortMapping> its =
                    ports.stream().filter(port -> port.protocol() == protocol).toList();
            for (PortMapping port : its) {
                command.add(option);
                command.add(port.hostAddress().map(address -> address + "/").orElse("") + port.hostPort() + ":"
                        + port.podPort());
            }
            if (its.isEmpty()) {
                command.add(option);
                command.add("none");
            }
        }
        return command;
    }

    private static void run(List<String> command, Duration limit) throws IOException {
        Path said = Files.createTempFile("aestus-pasta", "");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile()) // not a pipe, which what goes on would keep open
                .start();
        try {
            process.getOutputStream().close();
            boolean isOver = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!isOver || process.exitValue() != 0) {
                byte[] text = Files.readAllBytes(said);
                throw new AestusException(
                        Problem.UNAVAILABLE,
                        "cannot attach the pod to its network: pasta "
                                + (isOver
                                        ? "says "
                                                + Quoted.of(new String(
                                                                text,
                                                                0,
                                                                Math.min(text.length, LONGEST_MESSAGE),
                                                                StandardCharsets.UTF_8)
                                                        .strip())
                                        : "takes more than " + limit));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a network was made", e);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(said);
        }
    }
}
