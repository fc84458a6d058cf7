package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The cgroup file systems of this host. */
final class KernelCgroupFiles implements CgroupFiles {
    private static final Path DISKS = Path.of("/sys/block");

    /** {@code .} and the entry in its parent. */
    private static final int LINKS_WITHOUT_CHILDREN = 2;

    @Override
    public void create(Path cgroup) throws IOException {
        Files.createDirectories(cgroup);
    }

    @Override
    public void remove(Path cgroup) throws IOException {
        Files.deleteIfExists(cgroup);
    }

    @Override
    public void write(Path file, String text) throws IOException {
        try {
            Files.write(file, text.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            // Java's message names neither the file nor what was refused.
            throw new IOException("write '%s' to %s: %s".formatted(text.strip(), file, e.getMessage()), e);
        }
    }

    @Override
    public String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Every cgroup counts its children among the links to it: without any, nobody need look at its dozens of files. */
    @Override
    public List<Path> children(Path cgroup) throws IOException {
        try {
            if (Files.getAttribute(cgroup, "unix:nlink").equals(LINKS_WITHOUT_CHILDREN)) {
                return List.of();
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        var found = new ArrayList<Path>();
        try (var entries =
                Files.newDirectoryStream(cgroup, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
            entries.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        return found;
    }

    @Override
    public List<String> disks() throws IOException {
        var numbers = new ArrayList<String>();
        try (var disks = Files.newDirectoryStream(DISKS)) {
            for (Path disk : disks) {
                numbers.add(Files.readString(disk.resolve("dev")).strip());
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return numbers;
    }

    @Override
    public void end(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
}
