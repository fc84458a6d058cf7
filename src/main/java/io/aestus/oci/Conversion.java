package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.Annotations;
import io.aestus.appc.App;
import io.aestus.appc.AppBuilder;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.Environment;
import io.aestus.appc.EnvironmentVariable;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.MountPoint;
import io.aestus.appc.Port;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image configuration as the manifest of an App Container Image: what the executor runs. What appc has no words for is in
 * {@link DockerOrigin}; what it does not allow at all (a variable without a name) is left out.
 */
public final class Conversion {
    private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(?:/([a-z]{1,8}))?");
    private static final Pattern VARIABLE = Pattern.compile("([A-Za-z_][A-Za-z_0-9.-]*)=(.*)", Pattern.DOTALL);
    /** Every app has its own. */
    private static final Set<String> TAKEN = Set.of("/", "/proc", "/dev", "/sys");

    private Conversion() {}

    /**
     * The manifest of an image.
     *
     * @param digest of the configuration, byte for byte
     * @param reference what it was first called, if it was called anything
     * @throws AestusException {@link Problem#INVALID} if something that it needs to run has no meaning here
     */
    public static ImageManifest manifest(ImageConfig config, Digest digest, Optional<OciReference> reference) {
        var origin = new DockerOrigin(digest.toString(), config.entrypoint(), config.command(), config.stopSignal());
        ImageManifest manifest = ImageManifest.named(name(digest, reference))
                .withLabels(config.appcPlatform().labels())
                .withApp(app(config))
                .withAnnotations(new Annotations(origin.annotations()));
        return ImageManifest.read(manifest.toBytes()); // what is stored can be read again
    }

    private static AcIdentifier name(Digest digest, Optional<OciReference> reference) {
        String text = reference
                .map(OciReference::name)
                .orElse("oci/" + digest.fileName().substring(0, 19));
        return AcIdentifier.parse(
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9./_~-]+", "-").replaceAll("([-._~])[-._~]+", "$1"));
    }

    private static App app(ImageConfig config) {
        var exec = new ArrayList<>(config.entrypoint());
        exec.addAll(config.command());
        AppBuilder app = App.running(exec)
                .environment(environment(config.environment()))
                .workingDirectory(workingDirectory(config.workingDirectory()))
                .mountPoints(mountPoints(config.volumes()))
                .ports(ports(config.ports()))
                .userLabels(config.labels());
        String[] identity = config.user().split(":", -1);
        if (identity.length > 2) {
            throw new AestusException(Problem.INVALID, "cannot convert image: its user has more than one colon");
        }
        app.user(identity[0].isEmpty() ? "0" : identity[0]);
        app.group(identity.length > 1 && !identity[1].isEmpty() ? identity[1] : App.GROUP_OF_USER);
        return app.build();
    }

    private static Environment environment(List<String> variables) {
        var byName = new LinkedHashMap<String, EnvironmentVariable>();
        for (String variable : variables) {
            Matcher parts = VARIABLE.matcher(variable);
            if (parts.matches() && parts.group(2).indexOf('\0') < 0) {
                byName.put(parts.group(1), new EnvironmentVariable(parts.group(1), parts.group(2)));
            }
        }
        return new Environment(List.copyOf(byName.values()));
    }

    private static AbsolutePath workingDirectory(String text) {
        return text.isEmpty() ? AbsolutePath.ROOT : absolute(text);
    }

    private static AbsolutePath absolute(String text) {
        return AbsolutePath.parse(text.startsWith("/") ? text : "/" + text);
    }

    private static List<MountPoint> mountPoints(List<String> volumes) {
        var points = new ArrayList<MountPoint>();
        var names = new HashSet<AcName>();
        var paths = new HashSet<AbsolutePath>();
        for (String volume : volumes) {
            AbsolutePath path = absolute(volume);
            if (!TAKEN.contains(path.value()) && paths.add(path)) {
                points.add(new MountPoint(unused("volume" + path.value(), names), path, false));
            }
        }
        return points;
    }

    private static List<Port> ports(List<String> all) {
        var ports = new ArrayList<Port>();
        var names = new HashSet<AcName>();
        for (String text : all) {
            Matcher port = PORT.matcher(text);
            if (port.matches()) {
                int number = Integer.parseInt(port.group(1));
                String protocol = port.group(2) == null ? "tcp" : port.group(2);
                if (number >= 1 && number <= 65_535) {
                    ports.add(Port.of(unused(number + "-" + protocol, names), protocol, number));
                }
            }
        }
        return ports;
    }

    private static AcName unused(String text, Set<AcName> names) {
        AcName name = AcName.sanitized(text);
        for (int i = 2; !names.add(name); i++) {
            name = AcName.sanitized(text + "-" + i);
        }
        return name;
    }
}
