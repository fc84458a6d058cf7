package io.aestus.executor;

import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.Volume;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.NewFileSystem;
import io.aestus.linux.OwnUsers;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the first process of a pod sees, and from which every app's mounts are taken: a small read-only tree with the kernel's
 * file systems of the pod's namespaces, once as they are and once with all that an app must not touch covered. An app's child
 * copies this handful of mounts instead of the host's whole tree, and moves what it needs into its own root.
 *
 * <pre>
 * raw/proc raw/sys    as they are, for privileged apps
 * proc sys            covered
 * mqueue shm          shared by the apps of the pod
 * app                 where an app attaches its root
 * volumes             those that are kept in memory
 * etc                 the pod's resolv.conf, hosts and hostname
 * empty null          what covers directories and files; the one has a place for an app's cgroups, for when it covers /sys/fs
 * </pre>
 */
final class PodTemplate implements AutoCloseable {
    static final String PROC = "/proc";
    static final String SYS = "/sys";
    static final String RAW_PROC = "/raw/proc";
    static final String RAW_SYS = "/raw/sys";
    static final String MQUEUE = "/mqueue";
    static final String SHM = "/shm";
    static final String APP = "/app";
    static final String ETC = "/etc";
    static final String VOLUMES = "/volumes";
    static final String EMPTY = "/empty";
    static final String NULL = "/null";

    static final Set<MountAttribute> KERNELS =
            Set.of(MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC);

    private static final List<String> DIRECTORIES = List.of(
            "raw",
            "raw/proc",
            "raw/sys",
            "proc",
            "sys",
            "mqueue",
            "shm",
            "app",
            "etc",
            "volumes",
            "empty",
            "empty/cgroup");
    private static final int S_IFCHR = 0020000;
    private static final int S_IFREG = 0100000;
    private static final Path NOTHING = Path.of("/dev/null");

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Fd root;
    /** The host's null device, where none can be made. */
    private final Optional<Fd> nothing;

    private final Fd shm;
    /** The host's, where the pod shares them. */
    private final Optional<Fd> mqueue;
    /** Of a pod that is there before its networks, or anybody, have said what is in it. */
    private final Optional<Fd> etc;

    private final Map<String, Fd> volumes;
    private Map<String, String> configured = Map.of();

    private PodTemplate(
            Fd root, Optional<Fd> nothing, Fd shm, Optional<Fd> mqueue, Optional<Fd> etc, Map<String, Fd> volumes) {
        this.volumes = volumes;
        this.root = root;
        this.nothing = nothing;
        this.shm = shm;
        this.mqueue = mqueue;
        this.etc = etc;
    }

    /**
     * Makes its parts, detached.
     *
     * @param source of the mount at its root
     */
    static PodTemplate make(PodShells.Plan plan, UserRange range, String source) throws IOException {
        PodOptions options = plan.options();
        try (var undo = new Cleanup()) {
            Optional<Fd> etc = plan.isConfiguredLater()
                    ? Optional.of(undo.owns(tmpfs("aestus-etc", "0755", "1m", KERNELS)))
                    : Optional.empty();
            Fd root = undo.owns(etc.isPresent() ? tree(source) : tree(source, plan.uuid(), options, range));
            Optional<Fd> nothing = OwnUsers.areHosts()
                    ? Optional.empty()
                    : Optional.of(undo.owns(Mounts.clone(NOTHING, MountChange.Depth.THIS_MOUNT)));
            boolean isShared = options.ipc() == PodOptions.Sharing.HOST;
            Fd shm = undo.owns(isShared ? hostsMemory() : sharedMemory(range));
            var mqueue = isShared ? Optional.of(undo.owns(messageQueues())) : Optional.<Fd>empty();
            var volumes = new LinkedHashMap<String, Fd>();
            for (Volume.Empty volume : plan.inMemory()) {
                String name = volume.name().value();
                Directory.of(root).makeDirectory(VOLUMES.substring(1) + "/" + name, 0755);
                volumes.put(name, undo.owns(memory(volume, range)));
            }
            undo.handOver();
            return new PodTemplate(root, nothing, shm, mqueue, etc, volumes);
        }
    }

    /** The volumes of a pod that are kept in memory, and so as long as its first process is there. */
    static List<Volume.Empty> memoryVolumes(PodManifest manifest) {
        return manifest.volumes().stream()
                .filter(Volume.Empty.class::isInstance)
                .map(Volume.Empty.class::cast)
                .filter(Volume.Empty::isInMemory)
                .toList();
    }

    /** A new file system in memory for a volume, detached. */
    static Fd memory(Volume.Empty volume, UserRange range) throws IOException {
        try (var tmpfs = NewFileSystem.open("tmpfs")
                .with("source", volume.name().value())
                .with("mode", Integer.toOctalString(volume.mode()))
                .with("uid", Integer.toUnsignedString(range.onHost((int) volume.uid())))
                .with("gid", Integer.toUnsignedString(range.onHost((int) volume.gid())))) {
            if (volume.sizeLimit().isPresent()) {
                tmpfs.with("size", Long.toString(volume.sizeLimit().get().wholeUp()));
            }
            return tmpfs.mount(Set.of(MountAttribute.NOSUID, MountAttribute.NODEV));
        }
    }

    private static Fd tree(String source) throws IOException {
        Fd root = tmpfs(source, "0755", "64k", Set.of(MountAttribute.NOSUID, MountAttribute.NOEXEC));
        try {
            Directory directory = Directory.of(root);
            for (String name : DIRECTORIES) {
                directory.makeDirectory(name, 0755);
            }
            if (OwnUsers.areHosts()) {
                directory.makeNode(NULL.substring(1), S_IFCHR | 0666, 1, 3);
                directory.chmod(NULL.substring(1), 0666);
            } else {
                directory.makeNode(NULL.substring(1), S_IFREG | 0444, 0, 0); // where the host's goes
            }
            return root;
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        }
    }

    /**
     * The same with what is in {@code etc}. It is another mount than the one that was written through: a child that another
     * thread launches just now has copies of our descriptors for a moment, and while one for writing is open nobody can make
     * its mount read-only.
     */
    private static Fd tree(String source, PodUuid uuid, PodOptions options, UserRange range) throws IOException {
        try (Fd written = tree(source);
                Directory etc = Directory.of(written).openDirectory(ETC.substring(1))) {
            for (var file : PodConfiguration.of(uuid, options, List.of()).entrySet()) {
                PodConfiguration.write(etc, file.getKey(), file.getValue(), range);
            }
            return Mounts.clone(written, MountChange.Depth.THIS_MOUNT);
        }
    }

    /** What is mounted in it is the pod's alone. */
    private static Fd hostsMemory() throws IOException {
        Fd memory = Mounts.clone(SHARED_MEMORY, MountChange.Depth.THIS_MOUNT);
        try {
            Mounts.change(memory, MountChange.propagation(MountChange.Propagation.PRIVATE));
            return memory;
        } catch (IOException e) {
            memory.close();
            throw e;
        }
    }

    private static Fd sharedMemory(UserRange range) throws IOException {
        Fd shm = tmpfs("shm", "1777", "65536k", KERNELS);
        if (range.isPrivate()) {
            shm.chown(range.onHost(0), range.onHost(0));
        }
        return shm;
    }

    private static Fd messageQueues() throws IOException {
        try (var mqueue = NewFileSystem.open("mqueue")) {
            return mqueue.mount(KERNELS);
        }
    }

    private static Fd tmpfs(String source, String mode, String size, Set<MountAttribute> attributes)
            throws IOException {
        try (var tmpfs = NewFileSystem.open("tmpfs")
                .with("source", source)
                .with("mode", mode)
                .with("size", size)) {
            return tmpfs.mount(attributes);
        }
    }

    /**
     * Adds the steps by which the first process comes to see this and nothing else. It is in its namespaces already.
     *
     * @param hostNetwork whether the pod uses the host's network, whose {@code /sys} cannot be mounted anew
     */
    void addTo(ChildMounts mounts, boolean hostNetwork) {
        mounts.attachRoot(root);
        nothing.ifPresent(device -> mounts.attach(device, NULL.substring(1), "attach null"));
        mounts.mount("proc", "raw/proc", KERNELS, List.of());
        mounts.attachCopy("raw/proc", "proc");
        if (hostNetwork) {
            mounts.attachReadOnlyCopy("/sys", "raw/sys");
        } else {
            mounts.mount("sysfs", "raw/sys", KERNELS, List.of());
        }
        mounts.attachReadOnlyCopy("raw/sys", "sys");
        if (mqueue.isPresent()) {
            mounts.attach(mqueue.get(), "mqueue", "attach mqueue");
        } else {
            mounts.mount("mqueue", "mqueue", KERNELS, List.of());
        }
        mounts.attach(shm, "shm", "attach shm");
        volumes.forEach((name, volume) -> mounts.attach(volume, "volumes/" + name, "attach volume " + name));
        etc.ifPresent(writable -> {
            mounts.attach(writable, "etc", "attach etc");
            mounts.attachReadOnlyCopy("etc", "etc"); // what apps get; we write on through the one below
        });
        mounts.makeReadOnly(root, "make the pod's root read-only");
        mounts.changeRoot(root);
        Covers.addUsual(mounts);
    }

    boolean isConfiguredLater() {
        return etc.isPresent();
    }

    /**
     * Writes what the apps of a pod find in {@code /etc}, now that its first process is there and in its networks, if any; what
     * differs from what was written before, as long as no app is there. It is written into the same files: an app that is ready sees
     * them already.
     */
    void configure(PodUuid uuid, PodOptions options, UserRange range, List<Attachment> networks) throws IOException {
        Directory directory = Directory.of(etc.orElseThrow());
        Map<String, String> wanted = PodConfiguration.of(uuid, options, networks);
        for (var file : wanted.entrySet()) {
            String before = configured.get(file.getKey());
            if (!file.getValue().equals(before)) {
                if (before == null) {
                    PodConfiguration.write(directory, file.getKey(), file.getValue(), range);
                } else {
                    PodConfiguration.rewrite(directory, file.getKey(), file.getValue());
                }
            }
        }
        configured = wanted;
    }

    @Override
    public void close() {
        root.close();
        nothing.ifPresent(Fd::close);
        shm.close();
        mqueue.ifPresent(Fd::close);
        etc.ifPresent(Fd::close);
        volumes.values().forEach(Fd::close);
    }
}
