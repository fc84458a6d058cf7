package io.aestus.linux;

import io.aestus.linux.UserNamespaceMap.Range;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Which IDs of the host a user may give to the user namespaces they make: their own, as 0, and what {@code /etc/subuid} and
 * {@code /etc/subgid} grant, from 1 on, which only the setuid programs {@code newuidmap} and {@code newgidmap} can put to
 * use. Without those, or without a grant, there is the one. Immutable.
 *
 * @param users granted, none overlapping
 * @param groups likewise
 * @see <a href="https://man7.org/linux/man-pages/man5/subuid.5.html">subuid(5)</a>
 */
public record SubordinateIds(int user, int group, List<Grant> users, List<Grant> groups) {
    private static final Path USERS = Path.of("/etc/subuid");
    private static final Path GROUPS = Path.of("/etc/subgid");
    private static final String MAP_USERS = "newuidmap";
    private static final String MAP_GROUPS = "newgidmap";
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/local/bin"));
    private static final long LONGEST_FILE = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int LONGEST_MESSAGE = 4096;

    /** IDs that the host gave to a user. */
    public record Grant(int first, int count) {}

    public SubordinateIds {
        users = List.copyOf(users);
        groups = List.copyOf(groups);
    }

    /** Those of the user that this process is, as the host's files say. */
    public static SubordinateIds ofHost() throws IOException {
        int user = OwnUsers.current();
        int group = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
        return of(user, group, System.getProperty("user.name", "?"));
    }

    /** Those of a user, by number and name. */
    public static SubordinateIds of(int user, int group, String name) throws IOException {
        return new SubordinateIds(user, group, read(USERS, name, user), read(GROUPS, name, user));
    }

    private static List<Grant> read(Path file, String name, int user) throws IOException {
        return Files.isReadable(file) && Files.size(file) <= LONGEST_FILE
                ? parse(Files.readString(file, StandardCharsets.ISO_8859_1), name, user)
                : List.of();
    }

    /** The lines {@code WHO:FIRST:COUNT} that are this user's, by name or number. */
    static List<Grant> parse(String text, String name, int user) {
        var grants = new ArrayList<Grant>();
        for (String line : text.lines().toList()) {
            String[] parts = line.strip().split(":", -1);
            if (parts.length == 3
                    && (parts[0].equals(name) || parts[0].equals(Integer.toUnsignedString(user)))
                    && parts[1].matches("\\d{1,10}")
                    && parts[2].matches("\\d{1,10}")) {
                long first = Long.parseLong(parts[1]);
                long count = Math.min(Long.parseLong(parts[2]), Integer.MAX_VALUE - 1 - first);
                if (count > 0) {
                    grants.add(new Grant((int) first, (int) count));
                }
            }
        }
        return grants;
    }

    /** What keeps this user at one ID; empty if nothing does. */
    public Optional<String> obstacle() {
        if (users.isEmpty() || groups.isEmpty()) {
            return Optional.of("no range in " + (users.isEmpty() ? USERS : GROUPS));
        }
        return program(MAP_USERS).isEmpty() || program(MAP_GROUPS).isEmpty()
                ? Optional.of("no " + MAP_USERS + " and " + MAP_GROUPS)
                : Optional.empty();
    }

    /** The map of a user namespace of this user. */
    UserNamespaceMap map() {
        boolean isOne = obstacle().isPresent();
        return new UserNamespaceMap(ranges(user, isOne ? List.of() : users), ranges(group, isOne ? List.of() : groups));
    }

    private static List<Range> ranges(int own, List<Grant> grants) {
        var ranges = new ArrayList<Range>();
        ranges.add(new Range(0, own, 1));
        int next = 1;
        for (Grant grant : grants) {
            int count = Math.min(grant.count, Integer.MAX_VALUE - next);
            ranges.add(new Range(next, grant.first, count));
            next += count;
        }
        return ranges;
    }

    /** Gives the map to the new user namespace of a process. */
    void write(long pid) throws IOException {
        UserNamespaceMap map = map();
        if (obstacle().isPresent()) {
            Files.writeString(Path.of("/proc/" + pid + "/setgroups"), "deny"); // else an own group could not be mapped
            map.write(pid);
            return;
        }
        run(MAP_USERS, pid, map.users());
        run(MAP_GROUPS, pid, map.groups());
    }

    private static Optional<Path> program(String name) {
        return PROGRAMS.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void run(String name, long pid, List<Range> ranges) throws IOException {
        var command = new ArrayList<String>();
        command.add(program(name).orElseThrow().toString());
        command.add(Long.toString(pid));
        for (Range range : ranges) {
            command.add(Integer.toString(range.inside()));
            command.add(Integer.toString(range.outside()));
            command.add(Integer.toString(range.count()));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream said = process.getInputStream()) {
            process.getOutputStream().close();
            String text = new String(said.readNBytes(LONGEST_MESSAGE), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(name + " takes more than " + LIMIT);
            }
            if (process.exitValue() != 0) {
                throw new IOException(text.isEmpty() ? name + " ended with " + process.exitValue() : text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + name, e);
        } finally {
            process.destroyForcibly();
        }
    }
}
