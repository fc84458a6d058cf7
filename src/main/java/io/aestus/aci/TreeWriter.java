package io.aestus.aci;

import io.aestus.Quoted;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.SyscallException;
import io.aestus.linux.Xattrs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Makes the files of an image's root file system, relative to the descriptor of its top. A file costs four system calls
 * (open, write, times, close) and a fifth or sixth only where its owner or mode differs from what it was born with.
 * Directories get their modes and times at the end, since every entry inside changes the time.
 */
final class TreeWriter implements ImageReader.Visitor, AutoCloseable {
    private static final int IMPLIED_MODE = 0755;
    private static final int FIFO = 0010000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;
    /** Where overlays look for the mark: those of the host's root, and those of others. */
    private static final String OVERLAY_OPAQUE = OwnUsers.areHosts() ? "trusted.overlay.opaque" : "user.overlay.opaque";
    /** No group, so that each file is given to its own: a directory may give files to its group. */
    private static final int UNKNOWN = -1;

    /** What a directory gets once everything in it is there. */
    private record Finish(String path, int mode, boolean isModeDue, Instant modified) {}

    /** Into what the files go. */
    private enum Target {
        /** A directory of our own, in which nothing is yet. */
        NEW("unpack "),
        /** One that belongs to others, who may change it meanwhile; what is in the way of a file is replaced. */
        EXISTING("copy ");

        private final String verb;

        Target(String verb) {
            this.verb = verb;
        }
    }

    private final Directory root;
    private final Target target;
    private final DevicePolicy devices;
    private final OpenParents parents;
    private final OpenParents linked;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(512 * TarInput.BLOCK);
    private final SequencedMap<String, Finish> finishes = new LinkedHashMap<>();
    /** In the order of appearance; a header may still come for each. */
    private final Set<String> implied = new LinkedHashSet<>();

    private final Set<String> made = new HashSet<>();
    private final Set<String> leftOut = new HashSet<>();
    private final Notes notes = new Notes();
    private final int ownUid;
    private final int ownGid;
    private final int umask;
    private long fileBytes;

    private TreeWriter(Directory root, Target target, DevicePolicy devices, int ownUid, int ownGid, int umask) {
        this.root = root;
        this.target = target;
        this.devices = devices;
        this.parents = new OpenParents(root);
        this.linked = new OpenParents(root);
        this.ownUid = ownUid;
        this.ownGid = ownGid;
        this.umask = umask;
    }

    /** Begins in {@code root}, lent: a new directory that was made with 0777, so that it shows the umask. */
    static TreeWriter beginning(Directory root, DevicePolicy devices) throws SyscallException {
        FileStatus born = root.fd().status();
        var tree = new TreeWriter(root, Target.NEW, devices, born.uid(), born.gid(), ~born.permissions() & 0777);
        tree.implied.add("");
        return tree;
    }

    /** Adds to {@code root}, lent, which keeps its own owner, mode and times, as do directories that are there. Takes root. */
    static TreeWriter addingTo(Directory root, DevicePolicy devices) {
        return new TreeWriter(root, Target.EXISTING, devices, 0, UNKNOWN, 0777);
    }

    @Override
    public void visit(TarEntry entry, String path, String linkPath, ImageReader.Data data) throws IOException {
        try {
            make(entry, path, linkPath, data);
        } catch (SyscallException e) {
            // What the names allowed, the disk can still refuse: say for which entry.
            throw new SyscallException(target.verb + Quoted.of(entry.name()) + ": " + e.what(), e.errno());
        }
    }

    private void make(TarEntry entry, String path, String linkPath, ImageReader.Data data) throws IOException {
        if (path.isEmpty()) {
            if (target == Target.NEW) {
                describeDirectory(entry, path, true);
            }
            return;
        }
        Directory parent = parents.of(path, this::imply);
        String name = OpenParents.name(path);
        switch (entry.type()) {
            case FILE -> makeFile(parent, name, entry, path, data);
            case DIRECTORY -> {
                // Until it is full, its owner must be able to write into it.
                int birth = (entry.mode() & 0777) | 0700;
                boolean isNew = parent.makeDirectory(name, birth);
                made.add(path);
                if (isNew || target == Target.NEW) {
                    describeDirectory(entry, path, !isNew || birth != entry.mode());
                }
            }
            case SYMLINK -> {
                replacing(parent, name, () -> parent.makeSymbolicLink(name, entry.link()));
                describe(parent, name, entry, path);
            }
            case HARD_LINK -> {
                if (leftOut.contains(linkPath)) {
                    leaveOut(path, "left out: a link to a device, entry");
                } else {
                    Directory from = linked.of(linkPath);
                    replacing(parent, name, () -> parent.makeHardLink(name, from, OpenParents.name(linkPath)));
                }
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> makeNode(parent, name, entry, path);
        }
    }

    private interface Making {
        void run() throws SyscallException;
    }

    /** Makes something that may be in the way of nothing but what it replaces. */
    private void replacing(Directory parent, String name, Making making) throws SyscallException {
        try {
            making.run();
        } catch (SyscallException e) {
            if (e.errno() != Errno.EEXIST || target == Target.NEW) {
                throw e;
            }
            parent.unlink(name);
            making.run();
        }
    }

    private Fd createFile(Directory parent, String name, int permissions) throws SyscallException {
        try {
            return parent.createFile(name, permissions);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EEXIST || target == Target.NEW) {
                throw e;
            }
            parent.unlink(name);
            return parent.createFile(name, permissions);
        }
    }

    private void imply(Directory parent, String name, String path) throws SyscallException {
        if (!made.contains(path) && parent.makeDirectory(name, IMPLIED_MODE)) {
            made.add(path);
            implied.add(path);
        }
    }

    private void makeFile(Directory parent, String name, TarEntry entry, String path, ImageReader.Data data)
            throws IOException {
        try (Fd file = createFile(parent, name, entry.mode() & 0777)) {
            if (entry.size() > 0) {
                data.copyTo((offset, from, at, length) -> write(file, offset, from, at, length));
            }
            if (entry.segments() != null) {
                file.truncate(entry.size());
            }
            if (isChownDue(entry)) {
                file.chown(owner(entry.uid(), path), owner(entry.gid(), path));
            }
            if (isChmodDue(entry.mode())) {
                file.chmod(entry.mode());
            }
            for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
                if (isKept(xattr.getKey(), entry, path)) {
                    setXattr(() -> file.setXattr(xattr.getKey(), xattr.getValue()), xattr.getKey(), path);
                }
            }
            Instant modified = modified(entry);
            file.setTimes(modified, modified);
            fileBytes += entry.size();
        }
    }

    private void write(Fd file, long offset, byte[] from, int at, int length) throws SyscallException {
        MemorySegment.copy(from, at, buffer, ValueLayout.JAVA_BYTE, 0, length);
        for (int done = 0; done < length; ) {
            done += file.write(buffer.asSlice(done, length - done), offset + done);
        }
    }

    private void makeNode(Directory parent, String name, TarEntry entry, String path) throws SyscallException {
        int type =
                switch (entry.type()) {
                    case CHARACTER_DEVICE -> CHARACTER;
                    case BLOCK_DEVICE -> BLOCK;
                    default -> FIFO;
                };
        // Numbered 0:0, a character device is an overlay's way to say that a file is gone.
        boolean isWhiteout = type == CHARACTER && entry.major() == 0 && entry.minor() == 0;
        if (type != FIFO && (devices != DevicePolicy.CREATE || isWhiteout || !OwnUsers.areHosts())) {
            leaveOut(path, "left out: a device, entry");
            return;
        }
        int mode = type | (entry.mode() & 0777);
        replacing(parent, name, () -> parent.makeNode(name, mode, entry.major(), entry.minor()));
        describe(parent, name, entry, path);
    }

    private void leaveOut(String path, String why) {
        leftOut.add(path);
        notes.add(why, path);
    }

    /** Owner, mode and times of what has no descriptor. */
    private void describe(Directory parent, String name, TarEntry entry, String path) throws SyscallException {
        if (isChownDue(entry)) {
            parent.chown(name, owner(entry.uid(), path), owner(entry.gid(), path));
        }
        if (entry.type() != TarEntry.Type.SYMLINK && isChmodDue(entry.mode())) {
            parent.chmod(name, entry.mode());
        }
        for (String xattr : entry.xattrs().keySet()) {
            notes.add("dropped: attribute " + xattr, path);
        }
        Instant modified = modified(entry);
        parent.setTimes(name, modified, modified);
    }

    /** By its own descriptor: its name may stand for something else by now. */
    private void describeDirectory(TarEntry entry, String path, boolean isModeDue) throws SyscallException {
        implied.remove(path);
        if (path.isEmpty()) {
            describeDirectory(root, entry, path);
        } else {
            try (Directory made = parents.of(path).openDirectory(OpenParents.name(path))) {
                describeDirectory(made, entry, path);
            }
        }
        finishes.put(path, new Finish(path, entry.mode(), isModeDue || isChmodDue(entry.mode()), modified(entry)));
    }

    private void describeDirectory(Directory directory, TarEntry entry, String path) throws SyscallException {
        if (isChownDue(entry)) {
            directory.fd().chown(owner(entry.uid(), path), owner(entry.gid(), path));
        }
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            if (isKept(xattr.getKey(), entry, path)) {
                setXattr(() -> directory.fd().setXattr(xattr.getKey(), xattr.getValue()), xattr.getKey(), path);
            }
        }
    }

    private void setXattr(Making call, String name, String path) throws SyscallException {
        try {
            call.run();
        } catch (SyscallException e) {
            if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM) {
                throw e;
            }
            notes.add("not kept here (" + Errno.describe(e.errno()) + "): attribute " + name, path);
        }
    }

    private boolean isKept(String xattr, TarEntry entry, String path) {
        boolean isKept = XattrPolicy.keeps(xattr, entry.type());
        if (!isKept) {
            notes.add("dropped: attribute " + xattr, path);
        }
        return isKept;
    }

    /** Only root can give files away; for others all stays theirs. */
    private boolean isChownDue(TarEntry entry) {
        return ownUid == 0 && (entry.uid() != ownUid || entry.gid() != ownGid);
    }

    /** Who cannot be named in our user namespace is root. */
    private int owner(int id, String path) {
        if (OwnUsers.orRoot(id) != id) {
            notes.add("made root's, this user having no " + Integer.toUnsignedString(id) + ": entry", path);
        }
        return OwnUsers.orRoot(id);
    }

    private boolean isChmodDue(int mode) {
        return (mode & ~0777) != 0 || (mode & umask) != 0;
    }

    private static Instant modified(TarEntry entry) {
        return Instant.ofEpochSecond(entry.seconds(), entry.nanos());
    }

    /** Lets an overlay hide what lower layers have there: by a device 0:0, or in a directory of ours by a mark. A file does so. */
    void whiteOut(String path) throws SyscallException {
        Directory parent = parents.of(path, this::imply);
        String name = OpenParents.name(path);
        Optional<FileStatus> here = parent.find(name);
        if (here.isEmpty()) {
            parent.makeNode(name, CHARACTER, 0, 0);
        } else if (here.get().isDirectory()) {
            makeOpaque(path);
        }
    }

    /** Lets an overlay hide what lower layers have in the directory at {@code path}, which is not the root. */
    void makeOpaque(String path) throws SyscallException {
        Directory parent = parents.of(path, this::imply);
        String name = OpenParents.name(path);
        imply(parent, name, path);
        try (Directory opaque = parent.openDirectory(name)) {
            opaque.fd().setXattr(OVERLAY_OPAQUE, new byte[] {'y'});
        }
    }

    /** Whether {@link #makeOpaque} was done to the directory at {@code path}. */
    static boolean isOpaque(Directory root, String path) throws SyscallException {
        try (Xattrs xattrs = root.xattrs(path)) {
            return xattrs.get(OVERLAY_OPAQUE).isPresent();
        }
    }

    /** Gives directories their modes and times. Call once, after the last entry. */
    void finish() throws SyscallException {
        if (ownUid != 0) {
            notes.add("not kept, since only root can: owners", "the image");
        }
        // Backwards, so that a directory is closed to its owner only after those in it are done.
        for (Finish finish : finishes.reversed().values()) {
            if (finish.path().isEmpty()) {
                continue;
            }
            try (Directory made = parents.of(finish.path()).openDirectory(OpenParents.name(finish.path()))) {
                if (finish.isModeDue()) {
                    made.fd().chmod(finish.mode());
                }
                made.fd().setTimes(finish.modified(), finish.modified());
            }
        }
        if (target == Target.NEW) {
            finishRoot();
        }
    }

    private void finishRoot() throws SyscallException {
        int mode = IMPLIED_MODE;
        Instant modified = Instant.EPOCH;
        Finish top = finishes.get("");
        if (top != null) {
            mode = top.mode();
            modified = top.modified();
        }
        root.fd().chmod(mode);
        root.fd().setTimes(modified, modified);
    }

    long fileBytes() {
        return fileBytes;
    }

    List<String> impliedDirectories() {
        return List.copyOf(implied);
    }

    List<String> notes() {
        return notes.lines();
    }

    @Override
    public void close() {
        parents.close();
        linked.close();
        arena.close();
    }
}
