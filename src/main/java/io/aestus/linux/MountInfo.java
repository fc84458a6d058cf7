package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One mount as the kernel lists it.
 *
 * @param device major and minor number, as {@code 8:1}
 * @param root what of the file system is mounted here, {@code /} being all
 * @param options of this mount: {@code rw}, {@code nosuid} …
 * @param propagation {@code shared:N}, {@code master:N} …; empty for a private mount
 * @param superOptions of the file system: for cgroup v1, its controllers
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</a>
 */
public record MountInfo(
        int id,
        int parent,
        String device,
        String root,
        Path mountPoint,
        List<String> options,
        List<String> propagation,
        String type,
        String source,
        List<String> superOptions) {

    private static final Path OWN = Path.of("/proc/self/mountinfo");
    private static final int FIRST_OPTIONAL_FIELD = 6;

    public MountInfo {
        options = List.copyOf(options);
        propagation = List.copyOf(propagation);
        superOptions = List.copyOf(superOptions);
    }

    /** All mounts that this process sees, lowest first where they are stacked. */
    public static List<MountInfo> all() throws IOException {
        return read(OWN);
    }

    /** All that a process sees, at the places where it sees them. */
    public static List<MountInfo> of(long pid) throws IOException {
        return read(Path.of("/proc/" + pid + "/mountinfo"));
    }

    private static List<MountInfo> read(Path file) throws IOException {
        String table = new String(Files.readAllBytes(file), StandardCharsets.UTF_8); // foreign bytes must not stop us
        return table.lines().map(MountInfo::parse).toList();
    }

    /** The mount that a path is on, as this process sees it. {@code path} has no links. */
    public static MountInfo containing(Path path) throws IOException {
        return all().stream()
                .filter(mount -> path.startsWith(mount.mountPoint()))
                .reduce((deepest, mount) -> mount.mountPoint().getNameCount()
                                >= deepest.mountPoint().getNameCount()
                        ? mount
                        : deepest)
                .orElseThrow(() -> new IOException("no mount is listed that " + path + " could be on"));
    }

    /** @throws IllegalArgumentException if it is not a line of mountinfo */
    static MountInfo parse(String line) {
        String[] fields = line.split(" ", -1);
        int separator = FIRST_OPTIONAL_FIELD;
        while (separator < fields.length && !fields[separator].equals("-")) {
            separator++;
        }
        if (separator + 3 >= fields.length) {
            throw new IllegalArgumentException("not a line of mountinfo: " + line);
        }
        return new MountInfo(
                Integer.parseInt(fields[0]),
                Integer.parseInt(fields[1]),
                fields[2],
                unescape(fields[3]),
                Path.of(unescape(fields[4])),
                Arrays.asList(fields[5].split(",")),
                new ArrayList<>(Arrays.asList(fields).subList(FIRST_OPTIONAL_FIELD, separator)),
                fields[separator + 1],
                unescape(fields[separator + 2]),
                Arrays.asList(fields[separator + 3].split(",")));
    }

    /** Blanks and backslashes come as three octal digits. */
    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 3 < text.length()) {
                out.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
