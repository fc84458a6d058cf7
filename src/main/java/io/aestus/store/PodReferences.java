package io.aestus.store;

import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The images and rendered trees that pods name. Every ID in a pod's files counts, whatever field it stands in: keeping one
 * image too many is harmless, and a pod written by a newer version is understood too. What cannot be read stops whoever
 * wanted to remove something.
 */
final class PodReferences {
    private static final Pattern ID = Pattern.compile("sha512-[0-9a-f]{128}");
    private static final int LARGEST_FILE = 16 << 20;

    private PodReferences() {}

    static Set<String> find(StoreDisk disk) throws IOException {
        var found = new HashSet<String>();
        try (Directory pods = disk.data().openDirectory(disk.below(disk.layout().pods()))) {
            for (String pod : pods.list()) {
                addPod(pods, pod, found);
            }
        }
        return found;
    }

    private static void addPod(Directory pods, String pod, Set<String> found) throws IOException {
        addFiles(pods, pod, found);
        String apps = pod + "/apps";
        for (String app : names(pods, apps)) {
            addFiles(pods, apps + '/' + app, found);
        }
    }

    /** The files of one directory that hold state: manifests and JSON. */
    private static void addFiles(Directory pods, String place, Set<String> found) throws IOException {
        for (String name : names(pods, place)) {
            if (name.equals("manifest") || name.contains(".json")) {
                add(pods, place + '/' + name, found);
            }
        }
    }

    private static List<String> names(Directory pods, String place) throws SyscallException {
        try (Directory directory = pods.openDirectory(place)) {
            return new ArrayList<>(directory.list());
        } catch (SyscallException e) {
            requireGone(e);
            return List.of();
        }
    }

    private static void add(Directory pods, String file, Set<String> found) throws IOException {
        try (Fd open = pods.openForReading(file)) {
            String text = new String(open.readAll(LARGEST_FILE), StandardCharsets.UTF_8);
            ID.matcher(text).results().forEach(id -> found.add(id.group()));
        } catch (SyscallException e) {
            requireGone(e);
        }
    }

    /** A pod that is removed meanwhile needs no image; anything else is a reason to stop. */
    private static void requireGone(SyscallException e) throws SyscallException {
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
            throw e;
        }
    }
}
