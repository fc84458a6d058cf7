package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * How the user and group ids inside a user namespace stand for those of the host. Immutable.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</a>
 */
public record UserNamespaceMap(List<Range> users, List<Range> groups) {
    /** What the kernel takes, and it must come in one write of less than a page. */
    private static final int MAX_RANGES = 340;

    private static final int MAX_BYTES = 4095;

    /** Ids from {@code inside} on stand for those from {@code outside} on, 32 bits without a sign, {@code count} of them. */
    public record Range(int inside, int outside, int count) {
        private static final long HIGHEST_ID = 0xFFFF_FFFEL;

        public Range {
            boolean isBeyond = (long) inside + count - 1 > Integer.MAX_VALUE
                    || Integer.toUnsignedLong(outside) + count - 1 > HIGHEST_ID;
            if (inside < 0 || count <= 0 || isBeyond) {
                throw new IllegalArgumentException("not a range of ids: %d %d %d".formatted(inside, outside, count));
            }
        }

        private boolean overlaps(Range other) {
            return overlap(inside, count, other.inside, other.count)
                    || overlap(
                            Integer.toUnsignedLong(outside), count, Integer.toUnsignedLong(other.outside), other.count);
        }

        private static boolean overlap(long a, long aCount, long b, long bCount) {
            return a < b + bCount && b < a + aCount;
        }
    }

    public UserNamespaceMap {
        users = checked(users);
        groups = checked(groups);
    }

    /** The first {@code count} ids are those from {@code base} on, for users and groups alike. */
    public static UserNamespaceMap shifted(int base, int count) {
        var one = List.of(new Range(0, base, count));
        return new UserNamespaceMap(one, one);
    }

    private static List<Range> checked(List<Range> ranges) {
        if (ranges.isEmpty() || ranges.size() > MAX_RANGES || text(ranges).length() > MAX_BYTES) {
            throw new IllegalArgumentException("a map has 1 to %d ranges, not %d".formatted(MAX_RANGES, ranges.size()));
        }
        for (int i = 0; i < ranges.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (ranges.get(i).overlaps(ranges.get(j))) {
                    throw new IllegalArgumentException(ranges.get(j) + " and " + ranges.get(i) + " overlap");
                }
            }
        }
        return List.copyOf(ranges);
    }

    /** Which user of the host {@code inside} stands for; empty if for none. */
    public OptionalInt hostUser(int inside) {
        return outside(users, inside);
    }

    /** Which group of the host {@code inside} stands for; empty if for none. */
    public OptionalInt hostGroup(int inside) {
        return outside(groups, inside);
    }

    private static OptionalInt outside(List<Range> ranges, int id) {
        for (Range range : ranges) {
            if (id >= range.inside && id - range.inside < range.count) {
                return OptionalInt.of(range.outside + (id - range.inside));
            }
        }
        return OptionalInt.empty();
    }

    /**
     * Gives this map to the user namespace of {@code pid}, which has none yet. Not from a thread inside of it: by rule a
     * namespace is mapped from outside.
     *
     * @throws IOException if it has a map, or the process is gone
     */
    public void write(long pid) throws IOException {
        write(Path.of("/proc", Long.toString(pid), "uid_map"), users);
        write(Path.of("/proc", Long.toString(pid), "gid_map"), groups);
    }

    private static void write(Path file, List<Range> ranges) throws IOException {
        try {
            Files.write(file, text(ranges).getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("write %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The lines of {@code uid_map}. */
    static String text(List<Range> ranges) {
        return ranges.stream()
                .map(range ->
                        "%d %s %d\n".formatted(range.inside, Integer.toUnsignedString(range.outside), range.count))
                .collect(Collectors.joining());
    }
}
