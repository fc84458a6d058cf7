package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.FileName;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.SubordinateIds;
import io.aestus.linux.UserSpace;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody who runs {@code aestus} without being root. What they have is below their home directory; and whatever takes power
 * is done as root of a user namespace of theirs, for which the process begins anew inside of it.
 *
 * @param isInside whether this process is there already
 * @param data where their images and pods are kept
 * @param config where their configuration and trusted keys are
 * @param run where what does not outlive a login is
 * @see <a href="https://specifications.freedesktop.org/basedir-spec/latest/">XDG Base Directory Specification</a>
 */
record OrdinaryUser(boolean isInside, Path data, Path config, Path run) {
    private static final String NAME = "aestus";
    private static final FileAttribute<?> OF_USER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Says to the process inside that it is one, and whose: {@code NUMBER:NAME}. */
    private static final String MARK = "aestus.user";

    /** Whoever called this process; empty for root. */
    static Optional<OrdinaryUser> current(Map<String, String> environment) {
        boolean isInside = System.getProperty(MARK) != null && !OwnUsers.areHosts();
        if (!isInside && OwnUsers.current() == 0) {
            return Optional.empty();
        }
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "/")));
        Path data = directory(environment, "XDG_DATA_HOME")
                .orElse(home.resolve(".local/share"))
                .resolve(NAME);
        Path config = directory(environment, "XDG_CONFIG_HOME")
                .orElse(home.resolve(".config"))
                .resolve(NAME);
        Path run = directory(environment, "XDG_RUNTIME_DIR")
                .filter(Files::isWritable)
                .map(there -> there.resolve(NAME))
                .orElse(data.resolve("run"));
        return Optional.of(new OrdinaryUser(isInside, data, config, run));
    }

    /** Relative ones are to be ignored, says the specification. */
    private static Optional<Path> directory(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable)).map(Path::of).filter(Path::isAbsolute);
    }

    /**
     * Has this process begin anew in the user's namespace. Returns if it is there.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} where the host lets the user have none
     */
    void enter(PrintStream err) {
        if (isInside) {
            return;
        }
        try {
            Files.createDirectories(data, OF_USER_ALONE);
            SubordinateIds ids = ids();
            try (var space = UserSpace.open(run, ids)) {
                if (space.isNew() && ids.obstacle().isPresent()) {
                    err.println("note: apps can run as their root alone, "
                            + ids.obstacle().get() + " (aestus doctor)");
                }
                err.flush();
                begin(space);
            }
        } catch (IOException e) {
            throw new AestusException(
                            Problem.UNSUPPORTED, "cannot become root of a user namespace: " + e.getMessage(), e)
                    .withRemedy("aestus doctor says what is missing; or run as root");
        }
    }

    /** Why this user can have no namespace; empty if one can be had. */
    Optional<String> obstacle() {
        if (isInside) {
            return Optional.empty();
        }
        try (var space = UserSpace.open(run, ids())) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Which IDs of the host the user may have there. */
    SubordinateIds ids() throws IOException {
        if (!isInside) {
            return SubordinateIds.ofHost();
        }
        String[] parts = System.getProperty(MARK, "").split(":", 2);
        return SubordinateIds.of(Integer.parseUnsignedInt(parts[0]), 0, parts[1]);
    }

    private static void begin(UserSpace space) throws IOException {
        List<String> arguments = new ArrayList<>(words(Path.of("/proc/self/cmdline")));
        arguments.add(
                1,
                "-D" + MARK + "=" + Integer.toUnsignedString(OwnUsers.current()) + ":"
                        + System.getProperty("user.name"));
        List<String> environment = new ArrayList<>(words(Path.of("/proc/self/environ")));
        if (environment.stream().noneMatch(each -> each.startsWith("HOME="))) {
            environment.add("HOME=" + System.getProperty("user.home")); // inside it would be root's
        }
        space.execute(Files.readSymbolicLink(Path.of("/proc/self/exe")).toString(), arguments, environment);
    }

    /** Words that end in NUL, byte for byte. */
    private static List<String> words(Path file) throws IOException {
        String text = FileName.decode(Files.readAllBytes(file));
        List<String> words = List.of(text.split("\0", -1));
        return words.subList(0, words.size() - 1);
    }
}
