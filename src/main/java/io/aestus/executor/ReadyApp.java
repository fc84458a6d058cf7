package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.Definition;
import io.aestus.linux.Cgroup;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import io.aestus.linux.WaitingChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first app of a pod made ahead, as far as it can be when nothing but its {@linkplain AppOutline outline} is known: its cgroup
 * with its limits, its root, and a child that stands in it and waits to be told what to execute, as whom. Closing it ends the
 * child and leaves nothing, unless it has become an app. Confined to one thread at a time.
 *
 * @param layers which directories its root was made of
 * @param directory where what it writes is kept until it has a place of its own
 * @param owned what only a child that stands still needs
 * @param undo takes back its cgroup and that directory
 */
record ReadyApp(
        AppOutline outline,
        AppSetting setting,
        List<Cgroup.Unenforced> unenforced,
        AppRoot root,
        ConfinedChild confined,
        WaitingChild child,
        List<Layer> layers,
        Path directory,
        Cleanup owned,
        Cleanup undo)
        implements AutoCloseable {
    private static final List<String> WRITTEN = List.of("upper", "work");
    /** It can be given steps for so many programs to be tried, and not for any number. */
    private static final int MOST_CANDIDATES = 128;

    ReadyApp {
        unenforced = List.copyOf(unenforced);
        layers = List.copyOf(layers);
    }

    /** Which directory it is that has a path now. */
    record Layer(int major, int minor, long inode) {
        private static Layer of(Path path) throws IOException {
            FileStatus status = FileStatus.of(path);
            return new Layer(status.deviceMajor(), status.deviceMinor(), status.inode());
        }

        static List<Layer> all(List<Path> paths) throws IOException {
            var layers = new ArrayList<Layer>(paths.size());
            for (Path path : paths) {
                layers.add(of(path));
            }
            return layers;
        }
    }

    /** Whether it can become that app, whose image is as it was. */
    boolean fits(AppPlace place, Definition definition) throws IOException {
        return AppOutline.of(place.app(), place.options(), definition).equals(Optional.of(outline))
                && child.isThere()
                && Layer.all(setting.layers()).equals(layers);
    }

    /** Whether it can still be confined like that. */
    boolean canBe(AppSetting app, Confinement confinement) {
        return confined.beginsLike(confinement)
                && confinement.seccomp().listener().isEmpty()
                && AppEnvironment.candidates(app.app().exec().getFirst(), confinement.environment())
                                .size()
                        <= MOST_CANDIDATES;
    }

    /** Moves what it writes to where the app's own directory is. @return false if that is on another file system */
    boolean settle(Path place) throws IOException {
        try {
            move(directory, place);
        } catch (SyscallException e) {
            if (e.errno() == Errno.EXDEV) {
                return false;
            }
            throw e;
        }
        undo.add(() -> move(place, Files.createDirectories(directory)));
        Files.delete(directory);
        return true;
    }

    private static void move(Path from, Path to) throws IOException {
        try (Directory source = Directory.open(from);
                Directory target = Directory.open(to)) {
            for (String name : WRITTEN) {
                source.rename(name, target, name);
            }
        }
    }

    /** Has it become the app, whose program runs then. */
    ChildProcess become(AppSetting app, Confinement confinement, StandardStreams streams) throws IOException {
        ChildProgram program = child.program();
        confined.as(confinement, app.place()).confine(streams);
        List<String> command = app.app().exec();
        program.execute(
                AppEnvironment.candidates(command.getFirst(), confinement.environment()),
                command,
                streams.told(confinement.environment()));
        child.goOn();
        owned.close(); // meanwhile
        ChildProcess process = child.await();
        undo.handOver();
        return process;
    }

    @Override
    public void close() throws IOException {
        try (undo;
                owned) {
            child.close();
        }
    }
}
