package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks that administrators wrote down: {@code *.conflist}, {@code *.conf} and {@code *.json} in {@code net.d}
 * directories. Of two networks of one name that of the higher directory counts, and in one directory the first by file name.
 * A file that cannot be read takes no other network away.
 */
final class NetworkFiles {
    private static final int MOST_FILES = 256;
    private static final String NETWORKS = "[!.]*.{conflist,conf,json}";
    private static final String PLUGINS = "[!.]*.conf";
    private static final String LIST = ".conflist";
    private static final JsonLimits LIMITS = JsonLimits.DEFAULT;

    private final List<Path> directories;

    NetworkFiles(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /**
     * What was found.
     *
     * @param networks by name, those of higher priority first, then by file name
     * @param broken what is wrong with files that could not be read
     */
    record Found(Map<String, Network> networks, List<AestusException> broken) {}

    /** Reads all directories anew: it takes a moment, and files change. */
    Found read() {
        var networks = new LinkedHashMap<String, Network>();
        var broken = new ArrayList<AestusException>();
        for (Path directory : directories.reversed()) {
            Found found = read(directory);
            found.networks().forEach(networks::putIfAbsent);
            broken.addAll(found.broken());
        }
        return new Found(networks, broken);
    }

    /** Reads one directory; one that is not there has nothing. */
    static Found read(Path directory) {
        var networks = new LinkedHashMap<String, Network>();
        var broken = new ArrayList<AestusException>();
        try {
            for (Path file : files(directory, NETWORKS)) {
                try {
                    Network network = network(file);
                    networks.putIfAbsent(network.name(), network);
                } catch (AestusException e) {
                    broken.add(e);
                }
            }
        } catch (IOException e) {
            broken.add(unreadable(directory, e));
        }
        return new Found(networks, broken);
    }

    private static List<Path> files(Path directory, String names) throws IOException {
        var files = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(directory, names)) {
            for (Path entry : entries) {
                if (files.size() == MOST_FILES) {
                    throw new IOException("more than " + MOST_FILES + " files");
                }
                files.add(entry);
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        }
        files.sort(Comparator.comparing(file -> file.getFileName().toString()));
        return files;
    }

    private static Network network(Path file) {
        JsonView json = json(file);
        return json.optional("plugins").isPresent() || file.toString().endsWith(LIST)
                ? Network.ofList(json, file.toString(), added(file, json))
                : Network.ofPlugin(json, file.toString());
    }

    /**
     * The plugins that others add to a network, each in a file of the directory that has its name beside its own file.
     *
     * @see <a href="https://github.com/containernetworking/cni/blob/main/SPEC.md">CNI: loadOnlyInlinedPlugins</a>
     */
    private static List<Plugin> added(Path file, JsonView json) {
        if (Network.isSet(json, "loadOnlyInlinedPlugins")) {
            return List.of();
        }
        Path directory = file.resolveSibling(json.required("name").parsed(NetworkName::require));
        try {
            return files(directory, PLUGINS).stream()
                    .map(plugin -> Plugin.read(json(plugin)))
                    .toList();
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
    }

    private static JsonView json(Path file) {
        return JsonReader.read(bytes(file), file.toString(), LIMITS);
    }

    private static byte[] bytes(Path file) {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(LIMITS.bytes() + 1);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static AestusException unreadable(Path path, IOException cause) {
        return new AestusException(
                Problem.INVALID, "cannot read networks in " + path + ": " + cause.getMessage(), cause);
    }
}
