package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.NewFileSystem;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An app's {@code /dev}: a file system of its own, made before the app and never from the image, with the devices that every
 * app may use and those it was given, and terminals of its own. It is mounted on the host's side, so its nodes work in a user namespace too; whoever has
 * but a user namespace can make no nodes, and lends those of the host.
 */
final class DeviceTree implements AutoCloseable {
    private static final Path DEVICES = Path.of("/dev");
    private static final int S_IFREG = 0100000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;

    private record Node(String name, int major, int minor) {}

    private static final List<Node> NODES = List.of(
            new Node("null", 1, 3),
            new Node("zero", 1, 5),
            new Node("full", 1, 7),
            new Node("random", 1, 8),
            new Node("urandom", 1, 9),
            new Node("tty", 5, 0));

    /** One of the host's, which stands in where no node can be made. */
    private record Borrowed(String name, Fd mount) {}

    private static final Set<MountAttribute> OF_TERMINALS = Set.of(MountAttribute.NOSUID, MountAttribute.NOEXEC);
    private static final int TTY_GROUP = 5;

    private final Fd mount;
    private final Directory directory;
    private final Fd terminals;
    private final UserRange range;
    private final List<Borrowed> borrowed = new ArrayList<>();

    private DeviceTree(Fd mount, Fd terminals, UserRange range) {
        this.mount = mount;
        this.directory = Directory.of(mount);
        this.terminals = terminals;
        this.range = range;
    }

    /** Makes the tree, detached. */
    static DeviceTree make(UserRange range, List<HostDevice> devices) throws IOException {
        try (var undo = new Cleanup();
                var tmpfs = NewFileSystem.open("tmpfs")
                        .with("source", "dev")
                        .with("mode", "0755")
                        .with("size", "65536k")) {
            Fd mount = undo.owns(tmpfs.mount(Set.of(MountAttribute.NOSUID, MountAttribute.STRICTATIME)));
            var tree = undo.owns(new DeviceTree(mount, undo.owns(terminals(range)), range));
            tree.fill(devices);
            undo.handOver();
            return tree;
        }
    }

    private static Fd terminals(UserRange range) throws IOException {
        try (var devpts = NewFileSystem.open("devpts").with("ptmxmode", "0666").with("mode", "0620")) {
            if (range.contains(TTY_GROUP)) {
                devpts.with("gid", Integer.toUnsignedString(range.onHost(TTY_GROUP)));
            }
            return devpts.mount(OF_TERMINALS);
        }
    }

    private void fill(List<HostDevice> devices) throws IOException {
        for (Node node : NODES) {
            if (OwnUsers.areHosts()) {
                makeNode(node.name, S_IFCHR | 0666, node.major, node.minor);
            } else {
                borrow(node.name, DEVICES.resolve(node.name));
            }
        }
        directory.makeSymbolicLink("ptmx", "pts/ptmx");
        directory.makeSymbolicLink("fd", "/proc/self/fd");
        directory.makeSymbolicLink("stdin", "/proc/self/fd/0");
        directory.makeSymbolicLink("stdout", "/proc/self/fd/1");
        directory.makeSymbolicLink("stderr", "/proc/self/fd/2");
        for (String name : List.of("pts", "shm", "mqueue")) {
            directory.makeDirectory(name, 0755);
        }
        for (HostDevice device : devices) {
            add(device);
        }
        if (range.isPrivate()) {
            mount.chown(range.onHost(0), range.onHost(0));
        }
    }

    /** Without a cgroup's list of devices an app can do with one of the host's all that its user can. */
    private static void requireWhole(HostDevice device) {
        if (!device.access().read() || !device.access().write()) {
            throw new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot lend device " + Quoted.of(device.source().toString())
                                    + " in part: without root an app can read and write what its user can")
                    .withRemedy("for both, or as root");
        }
    }

    private void borrow(String name, Path device) throws SyscallException {
        directory.makeNode(name, S_IFREG, 0, 0);
        borrowed.add(new Borrowed(name, Mounts.clone(device, MountChange.Depth.THIS_MOUNT)));
    }

    private void makeNode(String name, int mode, int major, int minor) throws SyscallException {
        directory.makeNode(name, mode, major, minor);
        directory.chmod(name, mode & 0777); // the umask had its share
        if (range.isPrivate()) {
            directory.chown(name, range.onHost(0), range.onHost(0));
        }
    }

    private void add(HostDevice device) throws IOException {
        int slash = device.path().lastIndexOf('/');
        if (slash > 0) {
            directory.makeDirectories(device.path().substring(0, slash), 0755);
        }
        directory.unlink(device.path());
        if (!OwnUsers.areHosts()) {
            requireWhole(device);
            borrow(device.path(), device.source());
            return;
        }
        int type = device.kind() == DeviceRule.Kind.BLOCK ? S_IFBLK : S_IFCHR;
        makeNode(device.path(), type | device.permissions(), device.major(), device.minor());
        if (device.user() != 0 || device.group() != 0) {
            directory.chown(device.path(), range.onHost(device.user()), range.onHost(device.group()));
        }
    }

    /** Plans to attach the tree, and the host's devices in it; takes the target. */
    void attachTo(AppRoot root, Fd target) throws SyscallException {
        root.attach(mount, target, "attach dev");
        for (Borrowed device : borrowed) {
            root.attach(device.mount, directory.openPath(device.name), "attach dev/" + device.name);
        }
    }

    /** Plans to attach the terminals to {@code dev}, which may be a volume of the host's that has no place for them. */
    void attachTerminals(AppRoot root, Directory dev) throws SyscallException {
        root.setTerminals(terminals);
        if (dev.find("pts").isPresent()) {
            root.attach(terminals, dev.openPath("pts"), "attach dev/pts");
        }
    }

    /** The tree's root, to find places in. */
    Directory directory() {
        return directory;
    }

    @Override
    public void close() {
        borrowed.forEach(device -> device.mount.close());
        terminals.close();
        mount.close();
    }
}
