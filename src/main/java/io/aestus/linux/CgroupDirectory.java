package io.aestus.linux;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** One directory of one cgroup hierarchy: reading its files, walking and removing what is below. */
record CgroupDirectory(Path path, CgroupFiles files) {
    private static final String EVENTS = "cgroup.events";
    private static final String FREEZE = "cgroup.freeze";
    private static final long FIRST_PAUSE_NANOS = 200_000;
    private static final long LONGEST_PAUSE_NANOS = 20_000_000;

    /** What a wait asks again and again. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException;
    }

    void write(String file, String text) throws IOException {
        files.write(path.resolve(file), text);
    }

    /** Writes to a file of a cgroup that may vanish at any time, having nothing left to be told then. */
    void writeIfThere(String file, String text) throws IOException {
        try {
            write(file, text);
        } catch (NoSuchFileException _) {
            return; // it is gone
        }
    }

    void writeEach(String file, List<String> texts) throws IOException {
        files.writeEach(path.resolve(file), texts);
    }

    boolean has(String file) {
        return files.exists(path.resolve(file));
    }

    /** The content of {@code file}, stripped; empty text if there is no such file. */
    String read(String file) throws IOException {
        try {
            return files.read(path.resolve(file)).strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** The number in {@code file}; empty if it says {@code max} or there is none. */
    OptionalLong number(String file) throws IOException {
        String text = read(file);
        return text.isEmpty() || text.equals("max") ? OptionalLong.empty() : OptionalLong.of(parse(text));
    }

    /** The number after {@code key} in a file of lines {@code key number}; 0 if there is none. */
    long value(String file, String key) throws IOException {
        return valueIn(read(file), key);
    }

    static long valueIn(String lines, String key) {
        int line = lines.startsWith(key + ' ') ? 0 : lines.indexOf('\n' + key + ' ');
        if (line < 0) {
            return 0;
        }
        int end = lines.indexOf('\n', line + 1);
        return parse(lines.substring(lines.indexOf(' ', line), end < 0 ? lines.length() : end)
                .strip());
    }

    /** Counters are unsigned, "unlimited" of v1 is nearly 2^63, and both are clamped to what a long can hold. */
    static long parse(String text) {
        return text.length() >= 19 ? clamped(text) : Long.parseLong(text);
    }

    private static long clamped(String text) {
        long value = Long.parseUnsignedLong(text);
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /** This cgroup and all below, parents first. */
    List<CgroupDirectory> tree() throws IOException {
        var found = new ArrayList<CgroupDirectory>();
        found.add(this);
        for (int next = 0; next < found.size(); next++) {
            for (Path child : files.children(found.get(next).path)) {
                found.add(new CgroupDirectory(child, files));
            }
        }
        return found;
    }

    /** Processes here and below. A cgroup that vanishes meanwhile has none. */
    List<Long> processes() throws IOException {
        var found = new ArrayList<Long>();
        for (CgroupDirectory directory : tree()) {
            found.addAll(directory.ownProcesses());
        }
        return found;
    }

    /** Removes this, or if that fails what is below, deepest first, then this: mostly there is nothing below. */
    void removeTree() throws IOException {
        try {
            files.remove(path);
        } catch (IOException busy) {
            for (CgroupDirectory directory : tree().reversed()) {
                files.remove(directory.path);
            }
        }
    }

    /** Processes here and not below. */
    List<Long> ownProcesses() throws IOException {
        return CgroupLayout.words(read("cgroup.procs")).stream()
                .map(Long::valueOf)
                .toList();
    }

    // --- in the tree of version 2

    /** Whether there are processes here or below; not in one that is gone. */
    boolean isPopulated() throws IOException {
        return value(EVENTS, "populated") != 0;
    }

    boolean canFreeze() {
        return has(FREEZE); // Linux 5.2
    }

    /** Stops all processes and waits until they stand still. */
    void freeze(Duration limit) throws IOException {
        write(FREEZE, "1");
        if (!await(limit, () -> value(EVENTS, "frozen") == 1)) {
            thaw();
            throw new IOException("cgroup %s did not freeze within %s".formatted(path, limit));
        }
    }

    void thaw() throws IOException {
        if (canFreeze()) {
            write(FREEZE, "0");
        }
    }

    /** Waits with growing pauses until {@code condition} holds. */
    static boolean await(Duration limit, Condition condition) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        long pause = FIRST_PAUSE_NANOS;
        while (!condition.holds()) {
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
        }
        return true;
    }

    /** {@link #removeTree} until it succeeds: members are gone a moment before the kernel lets go of their cgroup. */
    void removeTree(Duration limit) throws IOException {
        var last = new IOException[1];
        boolean done = await(limit, () -> {
            try {
                removeTree();
                return true;
            } catch (IOException e) {
                last[0] = e;
                return false;
            }
        });
        if (!done) {
            throw new IOException("cgroup %s is still busy after %s".formatted(path, limit), last[0]);
        }
    }
}
