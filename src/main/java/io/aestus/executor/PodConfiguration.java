package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.appc.ResolvedMount;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The files in {@code /etc} that the apps of a pod share, kept in the pod's template and bound into each app. */
final class PodConfiguration {
    static final String RESOLV_CONF = "resolv.conf";
    static final String HOSTS = "hosts";
    static final String HOSTNAME = "hostname";
    static final List<String> ALL = List.of(RESOLV_CONF, HOSTS, HOSTNAME);

    private static final Path HOSTS_OF_HOST = Path.of("/etc/hosts");
    private static final int PERMISSIONS = 0644;

    private PodConfiguration() {}

    /** What our isolation keeps in a pod's directory. */
    static Path directory(Path pod) {
        return pod.resolve("stage1");
    }

    static Path emptyVolumes(Path owner) {
        return owner.resolve("volumes");
    }

    /** Those of the files that no volume brings. */
    static List<String> untaken(List<ResolvedMount> volumes) {
        return ALL.stream()
                .filter(name -> volumes.stream()
                        .map(volume -> volume.path().value())
                        .noneMatch(path -> path.equals("/etc/" + name) || path.equals("/etc")))
                .toList();
    }

    /** The name that a pod has for itself. */
    static String hostname(PodUuid pod, PodOptions options) {
        return options.hostname().orElse("aestus-" + pod);
    }

    /**
     * What is in them, by name.
     *
     * @param networks in which the pod is
     */
    static Map<String, String> of(PodUuid uuid, PodOptions options, List<Attachment> networks) throws IOException {
        String hostname = hostname(uuid, options);
        return Map.of(
                HOSTNAME, hostname + "\n",
                HOSTS, hosts(hostname, options, networks),
                RESOLV_CONF, ResolvConf.of(options, networks));
    }

    /** Writes one into a directory that no app sees yet. */
    static void write(Directory directory, String name, String text, UserRange range) throws IOException {
        try (Fd file = directory.createFile(name, PERMISSIONS)) {
            file.writeFully(text.getBytes(StandardCharsets.UTF_8));
            file.chmod(PERMISSIONS);
            if (range.isPrivate()) {
                file.chown(range.onHost(0), range.onHost(0));
            }
        }
    }

    /** Writes one anew that is there. */
    static void rewrite(Directory directory, String name, String text) throws IOException {
        try (Fd file = directory.openForWriting(name)) {
            file.truncate(0);
            file.writeFully(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String hosts(String hostname, PodOptions options, List<Attachment> networks) throws IOException {
        if (options.hostsFile() == PodOptions.Sharing.HOST) {
            return Files.exists(HOSTS_OF_HOST) ? Files.readString(HOSTS_OF_HOST) : "";
        }
        var text = new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        List<String> own = networks.stream()
                .limit(1)
                .flatMap(network -> network.addresses().stream())
                .toList();
        for (String address : own.isEmpty() ? List.of("127.0.1.1") : own) {
            text.append(address).append('\t').append(hostname).append('\n');
        }
        for (PodOptions.HostsEntry entry : options.hosts()) {
            text.append(entry.address())
                    .append('\t')
                    .append(String.join(" ", entry.names()))
                    .append('\n');
        }
        return text.toString();
    }
}
