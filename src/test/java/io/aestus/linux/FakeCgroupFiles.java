package io.aestus.linux;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A cgroup file system in memory, stricter than the kernel's: only files that exist can be written, only empty cgroups be
 * removed. Records what was written, in order.
 */
final class FakeCgroupFiles implements CgroupFiles {
    final List<String> written = new ArrayList<>();
    final List<Long> ended = new ArrayList<>();

    /** Files that a new cgroup has, by the root under which it is made. */
    private final Map<Path, Map<String, String>> templates = new HashMap<>();

    private final Set<Path> directories = new LinkedHashSet<>();
    private final Map<Path, String> contents = new TreeMap<>();
    private final Map<Path, UnaryOperator<String>> answers = new HashMap<>();
    private final Set<Path> vanishing = new LinkedHashSet<>();
    private final Map<Path, Instant> made = new HashMap<>();
    private int busy;

    /** Mounts a hierarchy at {@code root} whose new cgroups have {@code files}. */
    FakeCgroupFiles mount(String root, Map<String, String> files) {
        Path path = Path.of(root);
        templates.put(path, files);
        directories.add(path);
        files.forEach((name, content) -> contents.put(path.resolve(name), content));
        return this;
    }

    /** How the file takes what is written: returns its new content or throws. */
    FakeCgroupFiles answering(String file, UnaryOperator<String> answer) {
        answers.put(Path.of(file), answer);
        return this;
    }

    /** The file is there when it is looked for, and gone when it is written. */
    void vanishing(String file) {
        vanishing.add(Path.of(file));
    }

    void put(String file, String content) {
        contents.put(Path.of(file), content);
    }

    String content(String file) {
        return String.valueOf(contents.get(Path.of(file)));
    }

    /** When all cgroups of that path were made; else it was long ago. */
    void made(String cgroup, Instant at) {
        made.put(Path.of(cgroup), at);
    }

    @Override
    public Optional<Instant> madeAt(Path cgroup) {
        return directories.contains(cgroup) ? Optional.of(made.getOrDefault(cgroup, Instant.EPOCH)) : Optional.empty();
    }

    /** The next {@code count} removals fail. */
    void beBusy(int count) {
        busy = count;
    }

    @Override
    public boolean create(Path cgroup) throws IOException {
        if (!directories.contains(cgroup.getParent())) {
            throw new NoSuchFileException(cgroup.toString());
        }
        if (directories.add(cgroup)) {
            templates.forEach((root, files) -> {
                if (cgroup.startsWith(root)) {
                    files.forEach((name, content) -> contents.put(cgroup.resolve(name), content));
                }
            });
            inheritControllers(cgroup);
            return true;
        }
        return false;
    }

    private void inheritControllers(Path cgroup) {
        String enabled = contents.get(cgroup.getParent().resolve("cgroup.subtree_control"));
        if (enabled != null) {
            contents.put(cgroup.resolve("cgroup.controllers"), enabled);
            contents.put(cgroup.resolve("cgroup.subtree_control"), "");
            List<String> controllers = CgroupLayout.words(enabled);
            contents.keySet()
                    .removeIf(file -> cgroup.equals(file.getParent())
                            && !file.getFileName().toString().startsWith("cgroup.")
                            && !controllers.contains(
                                    file.getFileName().toString().split("\\.", 2)[0]));
        }
    }

    @Override
    public void remove(Path cgroup) throws IOException {
        if (busy > 0) {
            busy--;
            throw new IOException("Device or resource busy");
        }
        if (directories.stream().anyMatch(other -> cgroup.equals(other.getParent()))) {
            throw new DirectoryNotEmptyException(cgroup.toString());
        }
        directories.remove(cgroup);
        contents.keySet().removeIf(file -> cgroup.equals(file.getParent()));
    }

    @Override
    public void write(Path file, String text) throws IOException {
        if (!contents.containsKey(file) || vanishing.contains(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (answers.containsKey(file)) {
            String content = answers.get(file).apply(text);
            if (content == null) {
                throw new IOException("Invalid argument: " + text + " to " + file);
            }
            written.add(file + " " + text);
            contents.put(file, content);
        } else {
            written.add(file + " " + text);
            contents.put(file, file.endsWith("cgroup.subtree_control") ? enabled(contents.get(file), text) : text);
        }
    }

    private static String enabled(String before, String change) {
        return (before + " " + change.substring(1)).strip();
    }

    @Override
    public String read(Path file) throws IOException {
        String content = contents.get(file);
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content;
    }

    @Override
    public boolean exists(Path file) {
        return contents.containsKey(file) || directories.contains(file);
    }

    @Override
    public List<Path> children(Path cgroup) {
        return directories.stream()
                .filter(other -> cgroup.equals(other.getParent()))
                .toList();
    }

    @Override
    public List<String> disks() {
        return List.of("8:0", "253:1");
    }

    @Override
    public void end(long pid) {
        ended.add(pid);
        contents.replaceAll(
                (file, content) -> file.endsWith("cgroup.procs") && content.equals(Long.toString(pid)) ? "" : content);
    }
}
