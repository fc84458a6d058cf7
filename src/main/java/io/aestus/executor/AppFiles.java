package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of an app. A running app may change them at any time, and make of them whatever it can: a path is resolved below
 * {@link #root} as the app itself would ({@link Directory#openPathInRoot}), or not through links at all.
 */
public final class AppFiles implements AutoCloseable {
    private final Directory root;
    private final boolean isRunning;
    private final UserRange users;

    private AppFiles(Directory root, boolean isRunning, UserRange users) {
        this.root = root;
        this.isRunning = isRunning;
        this.users = users;
    }

    /** As an app that does not run has left them; takes {@code root}. */
    static AppFiles stopped(Directory root, UserRange users) {
        return new AppFiles(root, false, users);
    }

    static AppFiles open(Engine engine, PodUuid uuid, AcName name) throws IOException {
        PodRecord pod = engine.files().read(uuid);
        AppRecord app = engine.files().apps(pod).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        "cannot find app " + Quoted.of(name.toString()) + ": pod " + uuid + " has none of that name"));
        var place = app.at(pod.at(engine.files().pod(uuid)), engine.files().app(uuid, name));
        if (app.process().isPresent() && app.process().get().isAlive()) {
            Path root =
                    engine.stage1s().of(pod).rootOf(place, app.process().get().pid());
            return ofProcess(app.process().get(), root, name);
        }
        return engine.stage1s()
                .of(pod)
                .stoppedFiles(place)
                .orElseThrow(() -> new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot open the files of app " + name + ": it does not run, and stage1 " + pod.stage1()
                                + " does not show what it left"));
    }

    /** The number may be another process's by the time its root is open: so that is asked afterwards. */
    private static AppFiles ofProcess(ProcessIdentity process, Path place, AcName app) throws IOException {
        Directory root = Directory.open(place);
        try {
            Path map = place.resolveSibling("uid_map");
            UserRange users = Files.exists(map) ? users(Files.readAllLines(map)) : UserRange.HOST; // a kernel without
            if (!process.isAlive()) {
                throw new AestusException(
                        Problem.CONFLICT, "cannot open the files of app " + app + ": it has just ended");
            }
            return new AppFiles(root, true, users);
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        }
    }

    /** The first line says: this number inside, that number of ours, so many. */
    private static UserRange users(List<String> map) throws IOException {
        String[] words = map.isEmpty() ? new String[0] : map.getFirst().strip().split(" +", -1);
        if (words.length != 3 || !words[0].equals("0")) {
            throw new IOException("cannot read a user namespace's map: " + map);
        }
        long base = Long.parseLong(words[1]);
        return base == 0 ? UserRange.HOST : UserRange.of(base, Long.parseLong(words[2]));
    }

    /** Still owned by this. */
    public Directory root() {
        return root;
    }

    /** Whether they can be changed: only the files of an app that runs. */
    public boolean isRunning() {
        return isRunning;
    }

    /** Whether users in the pod have other numbers than on the host. */
    public boolean hasOwnUsers() {
        return users.isPrivate();
    }

    /** The host's number of the pod's user 0, and group 0. */
    public int userBase() {
        return users.base();
    }

    /** How many users the pod has. */
    public int userCount() {
        return users.count();
    }

    @Override
    public void close() {
        root.close();
    }
}
