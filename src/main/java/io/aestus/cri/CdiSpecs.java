package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.cri.v1.CDIDevice;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Devices as their vendors describe them, in files of the Container Device Interface: a device is named {@code
 * vendor/class=name}. They are read whenever a container names one.
 *
 * @param directories where they are; what a later one says of a device goes before what an earlier one says
 * @see <a href="https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md">CDI</a>
 */
public record CdiSpecs(List<Path> directories) {
    /** Those of every host: the administrator's, and what is found out at run time. */
    public static final CdiSpecs USUAL = new CdiSpecs(List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi")));

    private static final System.Logger LOG = System.getLogger("io.aestus.cri");
    private static final Pattern DEVICE =
            Pattern.compile("([A-Za-z][A-Za-z0-9_.-]*/[A-Za-z][A-Za-z0-9_-]*)=([A-Za-z0-9][A-Za-z0-9_.:-]*)");
    private static final String ANNOTATION = "cdi.k8s.io/";
    private static final int MOST_FILES = 1000;

    public CdiSpecs {
        directories = List.copyOf(directories);
    }

    /** One file. */
    private record Spec(Path file, JsonView json) {
        boolean isOf(String kind) {
            return json.required("kind").string().equals(kind);
        }

        Optional<JsonView> device(String name) {
            return json.list("devices", device -> device).stream()
                    .filter(device -> device.required("name").string().equals(name))
                    .findFirst();
        }
    }

    /** A device, and the file that has it. */
    private record Found(Spec spec, JsonView device) {}

    /**
     * What the devices that a container names make of it.
     *
     * @throws AestusException {@link Problem#INVALID} for one that nothing describes, {@link Problem#UNSUPPORTED} for what cannot
     *     be done
     */
    CdiEdits edits(ContainerConfig config) {
        Set<String> names = named(config);
        if (names.isEmpty()) {
            return CdiEdits.NONE;
        }
        List<List<Spec>> specs =
                directories.reversed().stream().map(CdiSpecs::specs).toList();
        CdiEdits edits = CdiEdits.NONE;
        Set<Path> used = new LinkedHashSet<>();
        for (String name : names) {
            Found found = find(name, specs);
            if (used.add(found.spec.file)) {
                edits = edits.and(edits(found.spec.json));
            }
            edits = edits.and(edits(found.device));
        }
        return edits;
    }

    private static CdiEdits edits(JsonView of) {
        return of.optional("containerEdits").map(CdiEdits::read).orElse(CdiEdits.NONE);
    }

    /** By its field, and by annotations, as older device plugins do. */
    private static Set<String> named(ContainerConfig config) {
        Set<String> names = new LinkedHashSet<>();
        config.getCDIDevicesList().stream().map(CDIDevice::getName).forEach(names::add);
        config.getAnnotationsMap().forEach((key, value) -> {
            if (key.startsWith(ANNOTATION)) {
                names.addAll(List.of(value.split(",", -1)));
            }
        });
        return names;
    }

    private static Found find(String name, List<List<Spec>> specs) {
        var parts = DEVICE.matcher(name);
        if (!parts.matches()) {
            throw unresolved(name, "expected vendor/class=name");
        }
        for (List<Spec> directory : specs) {
            List<Found> found = directory.stream()
                    .filter(spec -> spec.isOf(parts.group(1)))
                    .flatMap(spec -> spec.device(parts.group(2)).map(device -> new Found(spec, device)).stream())
                    .toList();
            if (found.size() > 1) {
                throw unresolved(
                        name, "two files of " + found.getFirst().spec.file.getParent() + " describe it");
            }
            if (!found.isEmpty()) {
                return found.getFirst();
            }
        }
        throw unresolved(name, "no file describes it");
    }

    /** A file that cannot be read hides its own devices only. */
    private static List<Spec> specs(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Spec> specs = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(CdiSpecs::isSpec).sorted().limit(MOST_FILES).toList()) {
                try {
                    JsonView json = YamlFile.read(file);
                    json.required("kind").string();
                    specs.add(new Spec(file, json));
                } catch (AestusException | IOException e) {
                    LOG.log(Level.WARNING, "{0} describes no devices: {1}", file, e.getMessage());
                }
            }
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot read descriptions of devices in " + directory + ": " + e.getMessage(),
                    e);
        }
        return specs;
    }

    private static boolean isSpec(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".json") || name.endsWith(".yaml") || name.endsWith(".yml");
    }

    private static AestusException unresolved(String name, String why) {
        return new AestusException(
                Problem.INVALID, "cannot create container: CDI device " + Quoted.of(name) + ": " + why);
    }
}
