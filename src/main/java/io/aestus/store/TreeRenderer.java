package io.aestus.store;

import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import io.aestus.linux.Xattrs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes a tree as planned. Directories are made, with owner, attributes, mode and times; everything else is linked or copied. */
final class TreeRenderer implements AutoCloseable {
    /** How a file gets into the tree. */
    enum Files {
        /** As another name of the image's own file: costs no space, and must never be written to. */
        LINKED,
        /** As a copy that its new owner may change. */
        COPIED
    }

    private record SourceFile(Path tree, long inode) {}

    private final Directory target;
    private final Files files;
    private final Map<Path, Directory> roots = new HashMap<>();
    /** First name of each copied file that has several. */
    private final Map<SourceFile, String> copied = new HashMap<>();

    private final byte[] buffer = new byte[256 << 10];

    /** @param target an empty directory, lent */
    TreeRenderer(Directory target, Files files) {
        this.target = target;
        this.files = files;
    }

    void render(TreePlan plan) throws IOException {
        var directories = new LinkedHashMap<String, TreePlan.Source>();
        for (Map.Entry<String, TreePlan.Source> entry : plan.sources().entrySet()) {
            String path = entry.getKey();
            TreePlan.Source source = entry.getValue();
            Directory from = root(plan, source.tree());
            if (source.status().isDirectory()) {
                if (!path.isEmpty()) {
                    target.makeDirectory(path, 0700);
                }
                directories.put(path, source);
            } else {
                makeFile(path, source, from);
            }
        }
        for (Map.Entry<String, TreePlan.Source> entry : directories.reversed().entrySet()) {
            String path = entry.getKey().isEmpty() ? "" : entry.getKey();
            describeDirectory(
                    path, entry.getValue(), root(plan, entry.getValue().tree()));
        }
    }

    private Directory root(TreePlan plan, FileTree tree) throws IOException {
        Directory known = roots.get(tree.rootfs());
        if (known == null) {
            known = plan.open(tree);
            roots.put(tree.rootfs(), known);
        }
        return known;
    }

    private void makeFile(String path, TreePlan.Source source, Directory from) throws IOException {
        if (files == Files.LINKED) {
            target.makeHardLink(path, from, source.path());
            return;
        }
        FileStatus status = source.status();
        if (status.links() > 1) {
            String first = copied.putIfAbsent(new SourceFile(source.tree().rootfs(), status.inode()), path);
            if (first != null) {
                target.makeHardLink(path, first);
                return;
            }
        }
        copy(path, source.path(), status, from);
    }

    private void copy(String path, String origin, FileStatus status, Directory from) throws IOException {
        if (status.isSymbolicLink()) {
            target.makeSymbolicLink(path, from.readLink(origin));
            chown(path, status);
        } else if (status.isRegular()) {
            copyContent(path, origin, from);
            chown(path, status);
            target.chmod(path, status.permissions());
            copyXattrs(path, origin, from);
        } else {
            target.makeNode(path, status.mode(), status.specialMajor(), status.specialMinor());
            chown(path, status);
            target.chmod(path, status.permissions());
        }
        target.setTimes(path, status.modified(), status.modified());
    }

    private void copyContent(String path, String origin, Directory from) throws SyscallException {
        try (Fd in = from.openForReading(origin);
                Fd out = target.createFile(path, 0600)) {
            for (int count = in.read(buffer, 0, buffer.length); count >= 0; count = in.read(buffer, 0, buffer.length)) {
                out.writeFully(buffer, 0, count);
            }
        }
    }

    private void describeDirectory(String path, TreePlan.Source source, Directory from) throws SyscallException {
        FileStatus status = source.status();
        if (path.isEmpty()) {
            if (target.fd().status().uid() != status.uid()
                    || target.fd().status().gid() != status.gid()) {
                target.fd().chown(status.uid(), status.gid());
            }
            target.fd().chmod(status.permissions());
            target.fd().setTimes(status.modified(), status.modified());
            return;
        }
        chown(path, status);
        copyXattrs(path, source.path(), from);
        target.chmod(path, status.permissions());
        target.setTimes(path, status.modified(), status.modified());
    }

    private void chown(String path, FileStatus status) throws SyscallException {
        FileStatus now = target.status(path);
        if (now.uid() != status.uid() || now.gid() != status.gid()) {
            target.chown(path, status.uid(), status.gid());
        }
    }

    private void copyXattrs(String path, String origin, Directory from) throws SyscallException {
        try (Xattrs source = from.xattrs(origin)) {
            for (String name : source.list()) {
                if ((name.startsWith("user.") && !name.startsWith("user.overlay."))
                        || name.equals("security.capability")) {
                    try (Xattrs copy = target.xattrs(path)) {
                        copy.set(name, source.get(name).orElse(new byte[0]));
                    }
                }
            }
        } catch (SyscallException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        roots.values().forEach(Directory::close);
    }
}
