package io.aestus.executor;

import io.aestus.linux.ChildMounts;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.NewFileSystem;
import io.aestus.linux.OwnUsers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of an app, as detached mounts that no path of the host leads to: the layers of its image below a directory that
 * takes what the app writes, and all that is mounted inside. It is used up by one child, which attaches it; when nobody does,
 * closing it leaves nothing.
 *
 * <p>In a user namespace the layers are seen through its map, so that the image's root is the pod's. The upper directory must
 * not be: there the mounting user, the host's root, would be nobody, and the overlay would come up read-only without a word.
 * It belongs to the pod's root instead.
 */
final class AppRoot implements AutoCloseable {
    private static final int PERMISSIONS = 0755;
    private static final String WORK = "work";

    /** What goes where in the root; parents before what lies in them. */
    private sealed interface Part {
        /** A mount that the agent made. */
        record Attached(Fd mount, Fd target, String label) implements Part {}

        /** A mount that the agent made, at a path that leads through mounts of the kernel's file systems alone. */
        record Placed(Fd mount, String path, String label) implements Part {}

        /** A mount of the pod's template, which the child has a copy of. */
        record Moved(String path, Fd target, String label) implements Part {}

        /** The app's own view of its processes, which the child mounts. */
        record Processes(Fd target) implements Part {}

        /** What is somewhere in the pod's template, of which the child attaches a copy. */
        record Copied(String path, Fd target, String label, boolean readOnly) implements Part {}
    }

    private final Fd overlay;
    /** The layers as the pod's users see them. */
    private final List<Fd> mapped;

    private final Directory directory;
    private final Cleanup owned;
    private final List<Part> parts = new ArrayList<>();
    private @Nullable Fd terminals;

    private AppRoot(Fd overlay, List<Fd> mapped, Cleanup owned) {
        this.overlay = overlay;
        this.mapped = List.copyOf(mapped);
        this.directory = Directory.of(overlay);
        this.owned = owned;
    }

    /**
     * Puts the layers over each other.
     *
     * @param layers the lowest first
     * @param source what the mount table calls it
     * @param place the app's directory, in which {@code upper} and {@code work} are made
     * @param users the pod's user namespace, if it has one
     * @param label that SELinux sees on its files, if it is to see another than they have
     * @param undo removes {@code upper} and {@code work}, should they be new
     */
    static AppRoot assemble(
            List<Path> layers,
            String source,
            Path place,
            UserRange range,
            Optional<Fd> users,
            Optional<String> label,
            Cleanup undo)
            throws IOException {
        var owned = new Cleanup();
        try (var overlay = NewFileSystem.open("overlay");
                var directory = Directory.open(place)) {
            overlay.with("source", source);
            if (label.isPresent()) {
                overlay.with("context", label.get());
            }
            if (!OwnUsers.areHosts()) {
                overlay.with("userxattr"); // trusted ones are the host's root's
            }
            var mapped = new ArrayList<Fd>();
            for (Path layer : layers.reversed()) { // overlayfs wants the topmost first
                if (users.isPresent()) {
                    Fd tree = owned.owns(Mounts.clone(layer, MountChange.Depth.THIS_MOUNT));
                    // Private, for the root is attached onto it: a host that shares its mounts would see that too.
                    Mounts.change(
                            tree,
                            MountChange.propagation(MountChange.Propagation.PRIVATE)
                                    .mappedInto(users.get()));
                    overlay.with("lowerdir+", tree);
                    mapped.add(tree);
                } else {
                    try (Directory tree = Directory.open(layer)) {
                        overlay.with("lowerdir+", tree.fd());
                    }
                }
            }
            try (Fd upper = ownDirectory(place, directory, "upper", range, undo);
                    Fd work = ownDirectory(place, directory, WORK, range, undo)) {
                overlay.with("upperdir", upper).with("workdir", work).with("volatile");
            }
            return new AppRoot(owned.owns(overlay.mount(EnumSet.noneOf(MountAttribute.class))), mapped, owned);
        } catch (IOException | RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    /**
     * The overlay is volatile: it never waits for the disk, and above all not for all of the disk's dirty pages when it is
     * unmounted, which is while somebody waits for the app's end. What an app wrote to its root needs to outlive us, not the
     * host: no pod runs on after a loss of power, and volumes are as durable as ever. The kernel leaves a mark that forbids a
     * second mount, lest one trust what a crash of the host may have torn; within one life of a pod there was none.
     */
    private static void forgetEarlierMount(Directory work) throws IOException {
        if (work.find("work/incompat").isPresent()) {
            work.removeTree("work/incompat");
        }
    }

    private static Fd ownDirectory(Path place, Directory parent, String name, UserRange range, Cleanup undo)
            throws IOException {
        boolean isNew = parent.makeDirectory(name, PERMISSIONS);
        Directory made = parent.openDirectory(name);
        if (isNew) {
            undo.add(() -> {
                try (Directory again = Directory.open(place)) {
                    again.removeTree(name);
                }
            });
            made.fd().chmod(PERMISSIONS);
            if (range.isPrivate()) {
                made.fd().chown(range.onHost(0), range.onHost(0));
            }
        } else if (name.equals(WORK)) {
            forgetEarlierMount(made);
        }
        return made.fd();
    }

    /** The root, to look into. */
    Directory directory() {
        return directory;
    }

    /** Plans to attach {@code mount} onto {@code target}; takes both. */
    void attach(Fd mount, Fd target, String label) {
        parts.add(new Part.Attached(owned.owns(mount), owned.owns(target), label));
    }

    /** Plans to attach {@code mount} at a path in the kernel's file systems; lent until this is closed. */
    void attachAt(Fd mount, String path, String label) {
        parts.add(new Part.Placed(mount, path, label));
    }

    /** Plans to move the mount at {@code path} of the pod's template onto {@code target}; takes it. */
    void move(String path, Fd target, String label) {
        parts.add(new Part.Moved(path, owned.owns(target), label));
    }

    /** Plans to attach a copy of what is at {@code path} of the pod's template onto {@code target}; takes it. */
    void copy(String path, Fd target, String label) {
        parts.add(new Part.Copied(path, owned.owns(target), label, false));
    }

    /** The same, read-only. */
    void copyReadOnly(String path, Fd target, String label) {
        parts.add(new Part.Copied(path, owned.owns(target), label, true));
    }

    /** Plans to attach the {@code /proc} that the child mounts itself; takes the target. */
    void attachProcesses(Fd target) {
        parts.add(new Part.Processes(owned.owns(target)));
    }

    /** Says which of its mounts is the app's devpts. */
    void setTerminals(Fd devpts) {
        terminals = devpts;
    }

    /** The app's devpts, to make terminals in. */
    Fd terminals() {
        return Objects.requireNonNull(terminals);
    }

    /** Keeps {@code resource} as long as this. */
    <T extends AutoCloseable> T owns(T resource) {
        return owned.owns(resource);
    }

    /**
     * Adds the steps by which a child attaches the root at {@code path} and everything inside.
     *
     * @param proc what it mounted for {@link #attachProcesses}
     */
    void addTo(ChildMounts mounts, String path, Optional<ChildMounts.Detached> proc) {
        for (Fd layer : mapped) { // they go with the old root, for which the kernel waits but once
            mounts.attach(layer, path, "attach a layer");
        }
        mounts.attach(overlay, path, "attach the root");
        for (Part part : parts) {
            switch (part) {
                case Part.Attached(Fd mount, Fd target, String label) -> mounts.attach(mount, target, label);
                case Part.Placed(Fd mount, String where, String label) -> mounts.attach(mount, path + where, label);
                case Part.Processes(Fd target) -> mounts.attach(proc.orElseThrow(), target, "attach proc");
                case Part.Moved(String from, Fd target, String label) -> mounts.move(from, target, label);
                case Part.Copied(String from, Fd target, String label, boolean isReadOnly) -> {
                    if (isReadOnly) {
                        mounts.attachReadOnlyCopy(from, target, label);
                    } else {
                        mounts.attachCopy(from, target, label);
                    }
                }
            }
        }
    }

    /** Adds the steps by which a child makes this its root. */
    void enter(ChildMounts mounts, boolean readOnly) {
        mounts.changeRoot(overlay);
        if (readOnly) {
            mounts.makeReadOnly(overlay, "make the root read-only");
        }
    }

    @Override
    public void close() throws IOException {
        owned.close();
    }
}
