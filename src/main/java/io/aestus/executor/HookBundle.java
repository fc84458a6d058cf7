package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What hooks find on the host of an app: a directory with {@code config.json} and the place where the app's root is, for those
 * that see it. It belongs to the pod's root, which hooks are that run in the pod's namespaces, and nobody else may look into it:
 * the configuration has the app's environment.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/bundle.md">OCI runtime specification: bundles</a>
 */
record HookBundle(String name, UserRange range) {
    private static final Path PLACE = Path.of("/run/aestus/hooks");
    private static final String CONFIG = "config.json";
    private static final String ROOT = "rootfs";

    static HookBundle of(AppPlace place, UserRange range) {
        return new HookBundle(name(place), range);
    }

    /** Of all apps of this host. */
    static String name(AppPlace place) {
        return place.pod().uuid() + "-" + place.name();
    }

    /** Where it is, if it is there. */
    static Path path(AppPlace place) {
        return PLACE.resolve(name(place));
    }

    Path path() {
        return PLACE.resolve(name);
    }

    boolean exists() {
        return Files.exists(path());
    }

    /** Makes it, in place of one that an earlier start left. */
    void make() throws IOException {
        Files.createDirectories(PLACE.getParent());
        if (!Files.exists(PLACE)) {
            Files.createDirectory(
                    PLACE, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        }
        remove();
        try (Directory all = Directory.open(PLACE)) {
            all.makeDirectory(name, 0700);
            try (Directory bundle = all.openDirectory(name)) {
                bundle.makeDirectory(ROOT, 0755);
                try (Directory root = bundle.openDirectory(ROOT)) {
                    give(root.fd());
                }
                give(bundle.fd());
            }
        }
    }

    /** Writes what it says of the app. */
    void write(AppPlace place, JsonObject process) throws IOException {
        try (Directory bundle = Directory.open(path());
                Fd config = bundle.createFile(CONFIG, 0400)) {
            config.writeFully(JsonWriter.compact(config(place, process)));
            give(config);
        }
    }

    /** Writes down that something was done on the host for the app. It is forgotten with all that was done, at the host's next start. */
    void note(String what) throws IOException {
        try (Directory bundle = Directory.open(path())) {
            bundle.createFile(what, 0).close();
        }
    }

    boolean isNoted(String what) {
        return Files.exists(path().resolve(what));
    }

    private void give(Fd file) throws IOException {
        file.chown(range.onHost(0), range.onHost(0));
    }

    private JsonObject config(AppPlace place, JsonObject process) {
        return JsonObject.builder()
                .put("ociVersion", OciConfig.VERSION)
                .putUnlessEmpty("process", process)
                .put(
                        "root",
                        JsonObject.builder()
                                .put("path", path().resolve(ROOT).toString())
                                .put("readonly", place.app().readOnlyRootFs())
                                .build())
                .put("hostname", place.pod().options().hostname())
                .putUnlessEmpty("annotations", Json.stringMap(place.options().annotations()))
                .build();
    }

    /** Where the app's root goes, in a tree that begins as the host's does. The caller closes it. */
    Fd rootIn(Directory tree) throws IOException {
        return tree.openPath(path().resolve(ROOT).toString().substring(1));
    }

    void remove() throws IOException {
        if (exists()) {
            try (Directory all = Directory.open(PLACE)) {
                all.removeTree(name);
            }
        }
    }
}
