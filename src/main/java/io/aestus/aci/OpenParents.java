package io.aestus.aci;

import io.aestus.linux.Directory;
import io.aestus.linux.SyscallException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The directories from a root down to the one that is worked in, held open: the entries of an archive mostly stay in the
 * directory of the entry before, so most of them cost no opening at all. Each step down is one component, never through a
 * link.
 */
final class OpenParents implements AutoCloseable {
    private record Level(String path, Directory directory) {}

    /** Makes what is missing on the way. */
    interface Missing {
        void make(Directory parent, String name, String path) throws SyscallException;
    }

    private final Directory root;
    private final Deque<Level> levels = new ArrayDeque<>();

    /** Begins at {@code root}, which is lent. */
    OpenParents(Directory root) {
        this.root = root;
    }

    /** The last component of a path. */
    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The directory that {@code path} lies in; it must exist. */
    Directory of(String path) throws SyscallException {
        return of(path, null);
    }

    /** The directory that {@code path} lies in, lent until the next call. */
    Directory of(String path, @org.jspecify.annotations.Nullable Missing missing) throws SyscallException {
        int slash = path.lastIndexOf('/');
        String parent = slash < 0 ? "" : path.substring(0, slash);
        while (!levels.isEmpty() && !isAtOrAbove(levels.getLast().path(), parent)) {
            levels.removeLast().directory().close();
        }
        Directory at = levels.isEmpty() ? root : levels.getLast().directory();
        int from = levels.isEmpty() ? 0 : levels.getLast().path().length() + 1;
        while (from < parent.length()) {
            int next = parent.indexOf('/', from);
            int end = next < 0 ? parent.length() : next;
            String path2 = parent.substring(0, end);
            at = step(at, parent.substring(from, end), path2, missing);
            levels.addLast(new Level(path2, at));
            from = end + 1;
        }
        return at;
    }

    private static Directory step(
            Directory at, String name, String path, @org.jspecify.annotations.Nullable Missing missing)
            throws SyscallException {
        if (missing != null) {
            missing.make(at, name, path);
        }
        return at.openDirectory(name);
    }

    private static boolean isAtOrAbove(String above, String path) {
        return path.startsWith(above) && (path.length() == above.length() || path.charAt(above.length()) == '/');
    }

    @Override
    public void close() {
        while (!levels.isEmpty()) {
            levels.removeLast().directory().close();
        }
    }
}
