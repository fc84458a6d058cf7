package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The files in {@code /etc} that the apps of a pod share, kept in the pod's template and bound into each app. */
final class PodConfiguration {
    static final String RESOLV_CONF = "resolv.conf";
    static final String HOSTS = "hosts";
    static final String HOSTNAME = "hostname";
    static final List<String> ALL = List.of(RESOLV_CONF, HOSTS, HOSTNAME);

    private static final int PERMISSIONS = 0644;
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");

    private PodConfiguration() {}

    /** What our isolation keeps in a pod's directory. */
    static Path directory(Path pod) {
        return pod.resolve("stage1");
    }

    static Path emptyVolumes(Path owner) {
        return owner.resolve("volumes");
    }

    /** The name that a pod has for itself. */
    static String hostname(PodUuid pod, PodOptions options) {
        return options.hostname().orElse("aestus-" + pod);
    }

    /** Writes all into a directory that nobody else sees yet. */
    static void write(Directory directory, PodUuid uuid, PodOptions options, UserRange range) throws IOException {
        String hostname = hostname(uuid, options);
        write(directory, HOSTNAME, hostname + "\n", range);
        write(directory, HOSTS, hosts(hostname, options), range);
        write(directory, RESOLV_CONF, resolvConf(options), range);
    }

    private static void write(Directory directory, String name, String text, UserRange range) throws IOException {
        try (Fd file = directory.createFile(name, PERMISSIONS)) {
            file.writeFully(text.getBytes(StandardCharsets.UTF_8));
            file.chmod(PERMISSIONS);
            if (range.isPrivate()) {
                file.chown(range.onHost(0), range.onHost(0));
            }
        }
    }

    private static String hosts(String hostname, PodOptions options) {
        var text = new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        text.append("127.0.1.1\t").append(hostname).append('\n');
        for (PodOptions.HostsEntry entry : options.hosts()) {
            text.append(entry.address())
                    .append('\t')
                    .append(String.join(" ", entry.names()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String resolvConf(PodOptions options) throws IOException {
        if (options.dns().isEmpty()) {
            try {
                return Files.readString(HOST_RESOLV_CONF);
            } catch (NoSuchFileException none) {
                return "";
            }
        }
        PodOptions.Dns dns = options.dns().get();
        var text = new StringBuilder();
        dns.nameservers()
                .forEach(server -> text.append("nameserver ").append(server).append('\n'));
        if (!dns.searches().isEmpty()) {
            text.append("search ").append(String.join(" ", dns.searches())).append('\n');
        }
        if (!dns.options().isEmpty()) {
            text.append("options ").append(String.join(" ", dns.options())).append('\n');
        }
        return text.toString();
    }
}
