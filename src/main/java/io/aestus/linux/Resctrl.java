package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel's resource control: groups of processes with shares of caches and of memory bandwidth of their own.
 *
 * @param root where it is mounted
 * @see <a href="https://docs.kernel.org/filesystems/resctrl.html">resctrl</a>
 */
public record Resctrl(Path root) {
    private static final String SCHEMATA = "schemata";
    private static final String TASKS = "tasks";
    private static final String MONITORS = "mon_groups";

    /** That of this host, if it is mounted. */
    public static Optional<Resctrl> ofHost() throws IOException {
        return MountInfo.all().stream()
                .filter(mount -> mount.type().equals("resctrl"))
                .map(mount -> new Resctrl(mount.mountPoint()))
                .findFirst();
    }

    private Path group(String name) {
        return name.equals("/") ? root : root.resolve(name);
    }

    /** Whether there is a group of that name. */
    public boolean has(String name) {
        return Files.isDirectory(group(name));
    }

    /**
     * Makes a group, or finds that one with the same shares is there.
     *
     * @param schemata lines such as {@code L3:0=7f0;1=1f}
     * @throws IOException if the kernel refuses them, or if a group of that name has other ones
     */
    public void make(String name, List<String> schemata) throws IOException {
        Path group = group(name);
        if (has(name)) {
            Map<String, String> there = shares(Files.readAllLines(group.resolve(SCHEMATA)));
            for (var wanted : shares(schemata).entrySet()) {
                if (!wanted.getValue().equals(there.get(wanted.getKey()))) {
                    throw new IOException("resctrl group " + name + " has other shares of " + wanted.getKey());
                }
            }
            return;
        }
        Files.createDirectory(group);
        try {
            for (String line : schemata) {
                write(group.resolve(SCHEMATA), line);
            }
        } catch (IOException e) {
            remove(group);
            throw e;
        }
    }

    /** By resource and domain, as {@code L3:0}; bit masks without leading zeros. */
    private static Map<String, String> shares(List<String> lines) {
        Map<String, String> shares = new LinkedHashMap<>();
        for (String line : lines) {
            String text = line.replaceAll("\\s", "").toLowerCase(Locale.ROOT);
            int colon = text.indexOf(':');
            for (String share : text.substring(colon + 1).split(";", -1)) {
                int equals = share.indexOf('=');
                if (colon > 0 && equals > 0) {
                    shares.put(
                            text.substring(0, colon + 1) + share.substring(0, equals),
                            share.substring(equals + 1).replaceFirst("^0+(?=.)", ""));
                }
            }
        }
        return shares;
    }

    /** Has a group of its own in a group watched: what its processes use is in the files there. */
    public void monitor(String name, String monitor) throws IOException {
        Path group = group(name).resolve(MONITORS).resolve(monitor);
        if (!Files.isDirectory(group)) {
            Files.createDirectory(group);
        }
    }

    /** Puts a process, and all that it starts, into a group, and into one that is watched there. */
    public void add(String name, Optional<String> monitor, long pid) throws IOException {
        write(group(name).resolve(TASKS), Long.toString(pid));
        if (monitor.isPresent()) {
            write(group(name).resolve(MONITORS).resolve(monitor.get()).resolve(TASKS), Long.toString(pid));
        }
    }

    /** Takes away a group that is watched. None there is fine. */
    public void removeMonitor(String name, String monitor) throws IOException {
        remove(group(name).resolve(MONITORS).resolve(monitor));
    }

    /** Takes away a group; who is in it gets what everybody has. None there is fine. */
    public void remove(String name) throws IOException {
        remove(group(name));
    }

    private static void remove(Path group) throws IOException {
        try {
            Files.delete(group); // with the files in it, which are the kernel's
        } catch (NoSuchFileException _) {
            return; // it is gone
        }
    }

    private static void write(Path file, String line) throws IOException {
        Files.writeString(
                file, line + "\n", StandardCharsets.US_ASCII, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }
}
