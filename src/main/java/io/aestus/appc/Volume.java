package io.aestus.appc;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Data that a pod's apps can mount.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/pods.md#pod-manifest-schema">appc: Pod Manifest</a>
 */
public sealed interface Volume {
    AcName name();

    /** True if no app may write to it. */
    boolean readOnly();

    /** The same volume, written to by none. */
    Volume asReadOnly();

    JsonObject toJson();

    /**
     * A file or directory of the host.
     *
     * @param recursive true if what is mounted below the source is seen as well
     */
    record Host(AcName name, AbsolutePath source, boolean readOnly, boolean recursive) implements Volume {
        @Override
        public Host asReadOnly() {
            return new Host(name, source, true, recursive);
        }

        @Override
        public JsonObject toJson() {
            var json = JsonObject.builder()
                    .put("name", name.value())
                    .put("kind", "host")
                    .put("source", source.value())
                    .putIfTrue("readOnly", readOnly);
            return recursive ? json.build() : json.put("recursive", false).build();
        }
    }

    /**
     * A new directory that all apps of the pod share and that goes with it.
     *
     * <p>Where it is kept, and how much it may hold, the schema does not say; the fields {@code medium} and {@code sizeLimit}
     * are ours.
     *
     * @param mode its permissions, 0 to 07777
     * @param sizeLimit bytes it may hold in memory; half of the host's without it
     */
    record Empty(
            AcName name, boolean readOnly, int mode, long uid, long gid, Medium medium, Optional<Quantity> sizeLimit)
            implements Volume {
        /** What an empty volume has unless it says otherwise. */
        public static final int DEFAULT_MODE = 0755;

        public static Empty named(AcName name) {
            return new Empty(name, false, DEFAULT_MODE, 0, 0, Medium.DISK, Optional.empty());
        }

        /** The same in memory. */
        public Empty inMemory(Optional<Quantity> newSizeLimit) {
            return new Empty(name, readOnly, mode, uid, gid, Medium.MEMORY, newSizeLimit);
        }

        public boolean isInMemory() {
            return medium == Medium.MEMORY;
        }

        public Empty {
            if (mode < 0 || mode > 07777 || uid < 0 || uid > App.HIGHEST_ID || gid < 0 || gid > App.HIGHEST_ID) {
                throw new IllegalArgumentException("impossible mode or owner: " + mode + " " + uid + " " + gid);
            }
            if (sizeLimit.isPresent()
                    && (medium == Medium.DISK || sizeLimit.get().isZero())) {
                throw new MalformedException(
                        "volume", name.value(), "can have a limit above 0 in memory, and none on disk");
            }
        }

        @Override
        public Empty asReadOnly() {
            return new Empty(name, true, mode, uid, gid, medium, sizeLimit);
        }

        @Override
        public JsonObject toJson() {
            var json = JsonObject.builder()
                    .put("name", name.value())
                    .put("kind", "empty")
                    .putIfTrue("readOnly", readOnly);
            if (mode != DEFAULT_MODE) {
                json.put("mode", String.format("%04o", mode));
            }
            if (uid != 0) {
                json.put("uid", uid);
            }
            if (gid != 0) {
                json.put("gid", gid);
            }
            if (isInMemory()) {
                json.put("medium", "memory");
            }
            return json.put("sizeLimit", sizeLimit.map(Quantity::toString)).build();
        }
    }

    /** What an empty volume is kept on. */
    enum Medium {
        DISK,
        /** A file system in memory, which counts as its writers'. */
        MEMORY
    }

    /**
     * The files of an image, or what is at one path of it; none can write to them, or run them. The schema has none such: this kind
     * is ours.
     *
     * @param image in the store
     * @param path in the image, links followed as a process with the image as its root would; empty for all of it
     */
    record Image(AcName name, ImageId image, String path) implements Volume {
        public Image {
            parsePath(path);
        }

        @Override
        public boolean readOnly() {
            return true;
        }

        @Override
        public Image asReadOnly() {
            return this;
        }

        @Override
        public JsonObject toJson() {
            var json = JsonObject.builder()
                    .put("name", name.value())
                    .put("kind", "image")
                    .put("image", image.toString());
            return path.isEmpty() ? json.build() : json.put("path", path).build();
        }
    }

    static Volume read(JsonView view) {
        AcName name = view.required("name").parsed(AcName::parse);
        boolean readOnly = view.isTrue("readOnly");
        JsonView kind = view.required("kind");
        return switch (kind.string()) {
            case "host" -> {
                forbid(view, "host", "mode", "uid", "gid", "medium", "sizeLimit", "image", "path");
                AbsolutePath source = view.required("source").parsed(AbsolutePath::parse);
                boolean recursive =
                        view.optional("recursive").map(JsonView::bool).orElse(true);
                yield new Host(name, source, readOnly, recursive);
            }
            case "empty" -> {
                forbid(view, "empty", "source", "recursive", "image", "path");
                int mode = view.optional("mode")
                        .map(text -> text.parsed(Volume::parseMode))
                        .orElse(Empty.DEFAULT_MODE);
                yield new Empty(
                        name,
                        readOnly,
                        mode,
                        id(view, "uid"),
                        id(view, "gid"),
                        view.optional("medium")
                                .map(word -> word.oneOf(Map.of("disk", Medium.DISK, "memory", Medium.MEMORY)))
                                .orElse(Medium.DISK),
                        view.optional("sizeLimit").map(Quantity::read));
            }
            case "image" -> {
                forbid(view, "image", "source", "recursive", "mode", "uid", "gid", "medium", "sizeLimit");
                yield new Image(
                        name,
                        view.required("image").parsed(ImageId::parse),
                        view.optional("path")
                                .map(path -> path.parsed(Volume::parsePath))
                                .orElse(""));
            }
            default -> throw kind.failure("must be host, empty or image");
        };
    }

    private static String parsePath(String text) {
        if (text.indexOf('\0') >= 0 || List.of(text.split("/", -1)).contains("..")) {
            throw new MalformedException("path in an image", text, "must not go up by .., or have a NUL");
        }
        return text;
    }

    private static int parseMode(String text) {
        if (!Pattern.matches("[0-7]{3,4}", text)) {
            throw new MalformedException("mode", text, "must be octal digits such as 0755");
        }
        return Integer.parseInt(text, 8);
    }

    private static long id(JsonView view, String field) {
        return view.optional(field).map(id -> id.whole(0, App.HIGHEST_ID)).orElse(0L);
    }

    private static void forbid(JsonView view, String kind, String... fields) {
        for (String field : fields) {
            view.optional(field).ifPresent(found -> {
                throw found.failure("must not be there for a volume of kind " + kind);
            });
        }
    }
}
