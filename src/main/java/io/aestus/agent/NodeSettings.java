package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.cri.streaming.StreamingAddress;
import io.aestus.executor.ExitMemory;
import io.aestus.executor.Stage1Name;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the administrator has set, read and checked once. {@code agent-settings.properties} explains each.
 *
 * @param dir the data directory
 * @param runDir where sockets are
 * @param configDir of the highest priority, besides the system's
 * @param nodeName this node's name in the cluster
 * @param manifestsDir AppPod files to run without an API server
 * @param manifestsInterval how often that directory is read again
 * @param kubernetes whether AppPods are watched
 * @param kubeconfig how to reach the API server; empty for what environment and service account say
 * @param stage1 what isolates pods that do not say
 * @param allowedStage1s what AppPods may ask for
 * @param criSocket the socket of the Container Runtime Interface; empty when it is not served
 * @param apiSocket the socket of the native API; empty when it is not served
 * @param criStreaming where its streams are served
 * @param cgroups who makes those of pods in slices, see {@link io.aestus.linux.CgroupDriver#of}
 * @param pinnedImages that are never collected
 * @param socketGroup a group that may use the sockets
 * @param networkPlugins where the programs of network plugins are
 * @param sandboxNetwork the network of Kubernetes' pods; empty for the first that all runtimes of the host share
 * @param metadata whether the apps of AppPods are offered the metadata service
 * @param exits who remembers how apps ended while no agent ran
 * @param sparePods how many pods are kept made ahead
 * @param insecure what is not checked, in rkt's words
 * @param caFile certificate authorities instead of the system's
 * @param gcInterval how often what has ended is collected
 * @param gcGrace how long what has ended is kept
 * @param logsJson whether logs are written as JSON
 */
record NodeSettings(
        Path dir,
        Path runDir,
        Optional<Path> configDir,
        String nodeName,
        Optional<Path> manifestsDir,
        Duration manifestsInterval,
        Watching kubernetes,
        Optional<Path> kubeconfig,
        Stage1Name stage1,
        Set<Stage1Name> allowedStage1s,
        Optional<Path> criSocket,
        Optional<Path> apiSocket,
        StreamingAddress criStreaming,
        String cgroups,
        List<String> pinnedImages,
        Optional<String> socketGroup,
        List<Path> networkPlugins,
        Optional<String> sandboxNetwork,
        boolean metadata,
        ExitMemory exits,
        int sparePods,
        Set<String> insecure,
        Optional<Path> caFile,
        Duration gcInterval,
        Duration gcGrace,
        boolean logsJson) {
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");
    private static final Pattern COUNT = Pattern.compile("\\d{1,2}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    /** Whether AppPods are watched. */
    enum Watching {
        ALWAYS,
        NEVER,
        /** When a cluster is configured. */
        AUTO
    }

    NodeSettings {
        pinnedImages = List.copyOf(pinnedImages);
        networkPlugins = List.copyOf(networkPlugins);
        insecure = Set.copyOf(insecure);
    }

    /**
     * Reads the settings.
     *
     * @param source the value of a setting by its name, null where nobody has set it
     * @throws AestusException {@link Problem#INVALID} naming the setting
     */
    static NodeSettings read(Function<String, @Nullable String> source) {
        var from = new Source(source);
        Path dir = Path.of(from.text("aestus.dir")).toAbsolutePath();
        Path runDir = isDefault(from, "aestus.run.dir") && !isDefault(from, "aestus.dir")
                ? dir.resolve("run")
                : Path.of(from.text("aestus.run.dir"));
        return new NodeSettings(
                dir,
                runDir,
                from.path("aestus.config.dir"),
                from.optional("aestus.node.name").orElseGet(NodeSettings::hostName),
                from.path("aestus.manifests.dir"),
                from.duration("aestus.manifests.interval"),
                from.watching("aestus.kubernetes.enabled"),
                from.path("aestus.kubernetes.kubeconfig"),
                Stage1Name.parse(from.text("aestus.stage1")),
                from.words("aestus.stage1.allowed").stream()
                        .map(Stage1Name::parse)
                        .collect(Collectors.toUnmodifiableSet()),
                from.socket("aestus.cri", runDir.resolve("cri.sock")),
                from.socket("aestus.api", runDir.resolve("aestus.sock")),
                new StreamingAddress(from.text("aestus.cri.streaming.host"), from.port("aestus.cri.streaming.port")),
                from.text("aestus.cgroups"),
                from.list("aestus.cri.pinned-images"),
                from.optional("aestus.socket.group"),
                from.list("aestus.network.plugins").stream().map(Path::of).toList(),
                from.optional("aestus.network.sandboxes"),
                from.flag("aestus.metadata.enabled"),
                ExitMemory.parse(from.text("aestus.exits")),
                from.count("aestus.pods.spare"),
                from.words("aestus.insecure.options"),
                from.path("aestus.ca.file"),
                from.duration("aestus.gc.interval"),
                from.duration("aestus.gc.grace"),
                from.flag("aestus.log.json"));
    }

    private static boolean isDefault(Source from, String name) {
        return from.text(name).equals(SettingsTable.defaultOf(name));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot find this node's name: the host has none", e)
                    .withRemedy("aestus agent --node-name NAME");
        }
    }

    private record Source(Function<String, @Nullable String> values) {
        String text(String name) {
            String value = values.apply(name);
            return value == null ? SettingsTable.defaultOf(name) : value.strip();
        }

        Optional<String> optional(String name) {
            return Optional.of(text(name)).filter(value -> !value.isEmpty());
        }

        Optional<Path> path(String name) {
            return optional(name).map(value -> Path.of(value).toAbsolutePath());
        }

        /** Where an interface is served, if it is. */
        Optional<Path> socket(String name, Path usual) {
            return flag(name + ".enabled") ? Optional.of(path(name + ".socket").orElse(usual)) : Optional.empty();
        }

        List<String> list(String name) {
            return Arrays.stream(text(name).split(",", -1))
                    .map(String::strip)
                    .filter(word -> !word.isEmpty())
                    .toList();
        }

        Set<String> words(String name) {
            return Set.copyOf(list(name));
        }

        boolean flag(String name) {
            return switch (text(name)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw refused(name, "true or false");
            };
        }

        int port(String name) {
            if (!PORT.matcher(text(name)).matches()) {
                throw refused(name, "a port");
            }
            return Integer.parseInt(text(name));
        }

        int count(String name) {
            if (!COUNT.matcher(text(name)).matches()) {
                throw refused(name, "a number from 0 to 99");
            }
            return Integer.parseInt(text(name));
        }

        Watching watching(String name) {
            return switch (text(name)) {
                case "true" -> Watching.ALWAYS;
                case "false" -> Watching.NEVER;
                case "auto" -> Watching.AUTO;
                default -> throw refused(name, "true, false or auto");
            };
        }

        Duration duration(String name) {
            var matcher = DURATION.matcher(text(name));
            if (!matcher.matches()) {
                throw refused(name, "a duration such as 30s, 10m or 24h");
            }
            long count = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
        }

        private AestusException refused(String name, String expected) {
            return new AestusException(
                    Problem.INVALID,
                    "cannot read setting " + name + ": " + Quoted.of(text(name)) + " is not " + expected);
        }
    }
}
