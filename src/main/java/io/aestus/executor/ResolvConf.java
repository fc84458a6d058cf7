package io.aestus.executor;

import io.aestus.network.Attachment;
import io.aestus.network.NameServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A pod's {@code /etc/resolv.conf}: as it asks for, else as its networks say, else as the host's. */
final class ResolvConf {
    private static final Path OF_HOST = Path.of("/etc/resolv.conf");

    /** Whom the host's resolver asks, where {@link #OF_HOST} names but that resolver, on the host's own loopback. */
    private static final Path BEHIND_RESOLVER = Path.of("/run/systemd/resolve/resolv.conf");

    private ResolvConf() {}

    static String of(PodOptions options, List<Attachment> networks) throws IOException {
        if (options.dns().isPresent()) {
            PodOptions.Dns dns = options.dns().get();
            return text(dns.nameservers(), dns.searches(), dns.options());
        }
        for (Attachment network : networks) {
            NameServers names = network.names();
            if (!names.servers().isEmpty()) {
                return text(names.servers(), names.searches(), names.options());
            }
        }
        return networks.isEmpty() ? read(OF_HOST) : reachable(read(OF_HOST));
    }

    private static String text(List<String> servers, List<String> searches, List<String> options) {
        var text = new StringBuilder();
        servers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        if (!searches.isEmpty()) {
            text.append("search ").append(String.join(" ", searches)).append('\n');
        }
        if (!options.isEmpty()) {
            text.append("options ").append(String.join(" ", options)).append('\n');
        }
        return text.toString();
    }

    private static String reachable(String ofHost) throws IOException {
        boolean isLocal = ofHost.lines().anyMatch(ResolvConf::namesLoopback);
        String text = isLocal && Files.exists(BEHIND_RESOLVER) ? read(BEHIND_RESOLVER) : ofHost;
        var kept = text.lines().filter(line -> !namesLoopback(line)).toList();
        return String.join("\n", kept) + "\n";
    }

    private static boolean namesLoopback(String line) {
        String[] words = line.strip().split("\\s+", -1);
        return words.length > 1
                && words[0].equals("nameserver")
                && (words[1].startsWith("127.") || words[1].equals("::1"));
    }

    private static String read(Path path) throws IOException {
        try {
            return Files.readString(path);
        } catch (NoSuchFileException none) {
            return "";
        }
    }
}
