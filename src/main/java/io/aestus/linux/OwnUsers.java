package io.aestus.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which users and groups this process can name: all of the host's, or those of a user namespace that it was started in, where
 * its power ends with what belongs to them. There it makes no device nodes, maps no mounts of the host, and raises no limit.
 * Thread-safe; read once.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</a>
 */
public final class OwnUsers {
    private static final Path SELF = Path.of("/proc/self");

    /** How many IDs there are in all; one more number means none. */
    private static final long ALL = 0xFFFF_FFFFL;

    private OwnUsers() {}

    private static final class Lazy {
        static final List<long[]> USERS = ranges("uid_map");
        static final long COUNT = Math.min(countFromZero(USERS), countFromZero(ranges("gid_map")));
        static final boolean ARE_HOSTS = COUNT == ALL && USERS.getFirst()[1] == 0;
        static final boolean SETS_GROUPS = !read("setgroups").startsWith("deny");
    }

    /** Whether they are the host's: this process is in no user namespace but the first. */
    public static boolean areHosts() {
        return Lazy.ARE_HOSTS;
    }

    /** How many there are of both users and groups, from 0 on without a gap, as far as an {@code int} counts. */
    public static int count() {
        return (int) Math.min(Lazy.COUNT, Integer.MAX_VALUE);
    }

    /** The user or group of this number, or root where it cannot be named: what files of an image belong to. */
    public static int orRoot(int id) {
        return Integer.toUnsignedLong(id) < Lazy.COUNT ? id : 0;
    }

    /** Whether a process can give up the groups that it was started with: one of a user without further IDs must keep them. */
    static boolean canSetGroups() {
        return Lazy.SETS_GROUPS;
    }

    /** The user that this process is. */
    public static int current() {
        try {
            return (int) Files.getAttribute(SELF, "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot ask who this process is", e);
        }
    }

    /** The lines of a map: the first ID inside, the first outside, how many. */
    private static List<long[]> ranges(String file) {
        return read(file)
                .lines()
                .map(line -> Stream.of(line.strip().split("\\s+"))
                        .mapToLong(Long::parseLong)
                        .toArray())
                .toList();
    }

    private static long countFromZero(List<long[]> ranges) {
        long count = 0;
        for (long[] range : ranges) { // the kernel tells them in the order in which they were given
            if (range[0] == count) {
                count += range[2];
            }
        }
        return count;
    }

    private static String read(String file) {
        try {
            return Files.readString(SELF.resolve(file), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException _) { // a kernel without user namespaces
            return file.endsWith("_map") ? "0 0 " + ALL : "allow";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read which users this process has", e);
        }
    }
}
