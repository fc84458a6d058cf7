package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.App;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * As whom an app runs, found in its image. A user or group is a number, a name that the image's {@code passwd} and {@code
 * group} know, or the absolute path of a file whose owner it is.
 *
 * @param groups all of them, the primary one first, so that a file that denies something to it does so in any case
 * @param home empty if the image says nothing about the user
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#image-manifest-schema">appc: user, group</a>
 */
record AppIdentity(int user, int group, List<Integer> groups, Optional<String> home) {
    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final int MOST_GROUPS = 1000;
    private static final long HIGHEST_ID = 0xFFFF_FFFEL; // 2^32 - 1 means "no change"

    AppIdentity {
        groups = List.copyOf(groups);
    }

    /**
     * Looks an app's user up in its assembled root.
     *
     * @param which groups it is in besides those of {@code app}
     */
    static AppIdentity resolve(App app, AppRights.Groups which, Directory root, UserRange range) throws IOException {
        boolean isRoot = app.user().equals("0") && app.group().equals("0") && which != AppRights.Groups.OF_IMAGE_TOO;
        List<String[]> users = isRoot ? List.of() : lines(root, "/etc/passwd", 6);
        int user = id("user", app.user(), root, users, status -> range.inPod(status.uid()));
        boolean isOfUser = app.group().equals(App.GROUP_OF_USER);
        boolean isMember =
                switch (which) {
                    case AS_WRITTEN -> isOfUser;
                    case OF_IMAGE_TOO -> true;
                    case NONE_ELSE -> false;
                };
        List<String[]> groups = isNumber(app.group()) && !isMember ? List.of() : lines(root, "/etc/group", 3);
        int group = isOfUser
                ? groupOf(user, users)
                : id("group", app.group(), root, groups, status -> range.inPod(status.gid()));
        var all = new ArrayList<Integer>();
        all.add(group);
        if (isMember) {
            groupsOf(user, users, groups).filter(each -> !all.contains(each)).forEach(all::add);
        }
        for (long gid : app.supplementaryGids()) {
            if (!all.contains((int) gid)) {
                all.add((int) gid);
            }
        }
        requireMapped("user", user, range);
        for (int each : all) {
            requireMapped("group", each, range);
        }
        Optional<String> home = entriesOf(user, users)
                .map(fields -> fields[5])
                .filter(path -> path.startsWith("/"))
                .findFirst();
        return new AppIdentity(user, group, all, user == 0 ? home.or(() -> Optional.of("/root")) : home);
    }

    /** The user's own group, as the image's passwd has it; 0 if that says nothing. */
    private static int groupOf(int user, List<String[]> users) {
        return entriesOf(user, users)
                .filter(fields -> isNumber(fields[3]))
                .map(fields -> number("group", fields[3]))
                .findFirst()
                .orElse(0);
    }

    private static Stream<String[]> entriesOf(int user, List<String[]> users) {
        return users.stream().filter(fields -> fields[2].equals(Integer.toUnsignedString(user)));
    }

    /** The groups that list the user among their members. */
    private static Stream<Integer> groupsOf(int user, List<String[]> users, List<String[]> groups) {
        List<String> names = entriesOf(user, users).map(fields -> fields[0]).toList();
        return groups.stream()
                .filter(fields -> fields.length > 3 && isNumber(fields[2]))
                .filter(fields -> List.of(fields[3].split(",", -1)).stream().anyMatch(names::contains))
                .map(fields -> number("group", fields[2]))
                .distinct()
                .limit(MOST_GROUPS);
    }

    private interface Owner {
        int of(FileStatus status);
    }

    private static int id(String kind, String text, Directory root, List<String[]> entries, Owner owner)
            throws IOException {
        if (text.startsWith("/")) {
            return ownerOf(kind, text, root, owner);
        }
        if (isNumber(text)) {
            return number(kind, text);
        }
        for (String[] fields : entries) {
            if (fields[0].equals(text) && isNumber(fields[2])) {
                return number(kind, fields[2]);
            }
        }
        if (text.equals("root")) {
            return 0;
        }
        throw new AestusException(
                Problem.INVALID, "cannot run as " + kind + " " + Quoted.of(text) + ": the image knows no such " + kind);
    }

    private static int ownerOf(String kind, String path, Directory root, Owner owner) throws IOException {
        try (Fd file = root.openPathInRoot(path)) {
            return owner.of(file.status());
        } catch (SyscallException e) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot run as the " + kind + " that owns " + Quoted.of(path) + ": " + Errno.describe(e.errno()),
                    e);
        }
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static int number(String kind, String text) {
        long id = Long.parseLong(text);
        if (id > HIGHEST_ID) {
            throw new AestusException(Problem.INVALID, "cannot run as " + kind + " " + text + ": too large a number");
        }
        return (int) id;
    }

    private static void requireMapped(String kind, int id, UserRange range) {
        long unsigned = Integer.toUnsignedLong(id);
        if (!range.contains(unsigned)) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot run as " + kind + " " + unsigned + ": the pod's users end at " + (range.count() - 1));
        }
    }

    /** The lines of a file of the image that have more than {@code least} fields; none if it is not there. */
    private static List<String[]> lines(Directory root, String path, int least) throws IOException {
        try (Fd file = root.openInRoot(path)) {
            if (!file.status().isRegular()) {
                return List.of();
            }
            String text = new String(file.readAll(MAX_BYTES), StandardCharsets.UTF_8);
            return text.lines()
                    .map(line -> line.split(":", -1))
                    .filter(fields -> fields.length > least - 1 && fields.length >= 3)
                    .toList();
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return List.of();
            }
            throw e;
        }
    }
}
