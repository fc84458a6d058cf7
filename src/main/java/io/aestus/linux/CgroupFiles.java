package io.aestus.linux;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The few things one does with a cgroup file system; tests put a stricter one of their own in its place. */
interface CgroupFiles {
    /**
     * Makes a cgroup in one that is there.
     *
     * @return false if it was there already
     * @throws NoSuchFileException if that one is not there
     */
    boolean create(Path cgroup) throws IOException;

    /** Removes an empty cgroup. One that is not there is fine; a busy one is an IOException. */
    void remove(Path cgroup) throws IOException;

    /** Writes {@code text} in a single write, as the kernel wants it. */
    void write(Path file, String text) throws IOException;

    /** Writes each text by a write of its own. */
    default void writeEach(Path file, List<String> texts) throws IOException {
        for (String text : texts) {
            write(file, text);
        }
    }

    /** The whole content of a file. */
    String read(Path file) throws IOException;

    boolean exists(Path file);

    /** The same of a path below another one. */
    default boolean exists(Path above, String below) {
        return exists(above.resolve(below));
    }

    /** The cgroups directly below. */
    List<Path> children(Path cgroup) throws IOException;

    /** When a cgroup was made, or since when the kernel remembers it; nothing if it is not there. */
    Optional<Instant> madeAt(Path cgroup) throws IOException;

    /** The disks of this host, each as {@code major:minor}. */
    List<String> disks() throws IOException;

    /** Sends SIGKILL. A process that is gone is fine. */
    void end(long pid);
}
