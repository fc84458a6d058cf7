package io.aestus.aci;

import io.aestus.Quoted;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names of an archive so far, and what stands under each. Decides without touching a disk whether the next entry may
 * exist: it lies inside, is new, and no link or file is on the way to it.
 */
final class EntryNames {
    static final String ROOT = "rootfs";
    static final String MANIFEST = "manifest";
    private static final int LONGEST_COMPONENT = 255;

    /** What stands under a name. */
    enum Kind {
        /** A directory that no entry has described yet, but that others lie in. */
        IMPLIED,
        DIRECTORY,
        SYMLINK,
        /** A file, FIFO or device. */
        LEAF
    }

    /** Bounds the heap that names take: twice what half a million files of real images come to. */
    private static final int MOST_NAME_CHARACTERS = 64 << 20;

    private final Map<String, Kind> kinds = new HashMap<>();
    private long characters;
    private final UnpackLimits limits;
    private @Nullable String openParent;

    EntryNames(UnpackLimits limits) {
        this.limits = limits;
    }

    /**
     * The name without empty and {@code .} components; empty for the top itself.
     *
     * @throws HostileArchiveException if it is absolute, climbs, or is too long or deep
     */
    String normalized(String name, String entry) {
        if (name.isEmpty()) {
            throw HostileArchiveException.entry(entry, "has an empty name");
        }
        if (name.charAt(0) == '/') {
            throw HostileArchiveException.entry(entry, "has an absolute name");
        }
        var clean = new StringBuilder(name.length());
        int depth = 0;
        for (int at = 0; at < name.length(); ) {
            int slash = name.indexOf('/', at);
            int end = slash < 0 ? name.length() : slash;
            if (end > at && !(end == at + 1 && name.charAt(at) == '.')) {
                requireComponent(name, at, end, entry);
                if (++depth > limits.depth()) {
                    throw HostileArchiveException.entry(entry, "lies deeper than " + limits.depth() + " directories");
                }
                if (!clean.isEmpty()) {
                    clean.append('/');
                }
                clean.append(name, at, end);
            }
            at = end + 1;
        }
        if (utf8Length(clean, 0, clean.length()) > limits.pathBytes()) {
            throw HostileArchiveException.entry(entry, "has a path longer than " + limits.pathBytes() + " bytes");
        }
        return clean.toString();
    }

    private static void requireComponent(String name, int at, int end, String entry) {
        if (end == at + 2 && name.charAt(at) == '.' && name.charAt(at + 1) == '.') {
            throw HostileArchiveException.entry(entry, "leaves the image");
        }
        if (utf8Length(name, at, end) > LONGEST_COMPONENT) {
            throw HostileArchiveException.entry(entry, "has a name longer than " + LONGEST_COMPONENT + " bytes");
        }
    }

    private static int utf8Length(CharSequence text, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            // A surrogate pair is four bytes, so each half counts for two; so does, too much, a byte that is no UTF-8.
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return length;
    }

    /** Takes note of an entry at {@code path}, relative to the root file system. */
    void add(String path, Kind kind, String entry) {
        if (!path.isEmpty()) {
            addParents(path, entry);
        }
        Kind before = put(path, kind);
        if (before == Kind.IMPLIED && kind == Kind.DIRECTORY) {
            kinds.put(path, kind);
        } else if (before == Kind.IMPLIED) {
            throw HostileArchiveException.entry(entry, "stands where a directory already is");
        } else if (before != null) {
            throw HostileArchiveException.entry(entry, "appears twice");
        }
    }

    /** Takes note of the directories that {@code path} lies in, of which none may be a link or a file. */
    void addParents(String path, String entry) {
        int slash = path.lastIndexOf('/');
        String parent = slash < 0 ? "" : path.substring(0, slash);
        if (parent.equals(openParent)) {
            return;
        }
        for (int end = 0; end >= 0; end = end < parent.length() ? nextEnd(parent, end) : -1) {
            String above = parent.substring(0, end);
            switch (put(above, Kind.IMPLIED)) {
                case null -> {}
                case IMPLIED, DIRECTORY -> {}
                case SYMLINK ->
                    throw HostileArchiveException.entry(entry, "passes through the link " + Quoted.of(above));
                case LEAF ->
                    throw HostileArchiveException.entry(
                            entry, "lies below " + Quoted.of(above) + ", which is no directory");
            }
        }
        openParent = parent;
    }

    /** Takes note of a name that is new. Directories that nobody describes cost as much as entries do. */
    private @Nullable Kind put(String path, Kind kind) {
        Kind before = kinds.putIfAbsent(path, kind);
        if (before == null) {
            characters += path.length();
            if (kinds.size() > limits.entries()) {
                throw HostileArchiveException.limit("entries and directories", limits.entries());
            }
            if (characters > MOST_NAME_CHARACTERS) {
                throw HostileArchiveException.limit("bytes in its names", MOST_NAME_CHARACTERS);
            }
        }
        return before;
    }

    private static int nextEnd(String path, int from) {
        int slash = path.indexOf('/', from + 1);
        return slash < 0 ? path.length() : slash;
    }

    /** What stands at {@code path}, if anything does. */
    @Nullable
    Kind at(String path) {
        return kinds.get(path);
    }

    /** Whether an entry describes the root file system, or lies in it. */
    boolean hasRoot() {
        return kinds.containsKey("");
    }
}
