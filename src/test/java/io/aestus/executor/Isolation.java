package io.aestus.executor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which stage1 a test runs on. */
enum Isolation {
    /** None at all: see {@link PlainStage1}. */
    PLAIN {
        @Override
        Stage1 open(Path directory) throws IOException {
            return new PlainStage1();
        }

        @Override
        List<String> left() throws IOException {
            return PlainStage1.processes("plain").stream()
                    .map(pid -> "process " + pid)
                    .toList();
        }
    },
    /** The built-in one, with an image of one busybox; needs root. */
    NATIVE {
        @Override
        Stage1 open(Path directory) throws IOException {
            return new Stage1Host(directory).stage1;
        }

        @Override
        List<String> left() throws IOException {
            try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
                return hierarchies
                        .flatMap(hierarchy -> pods(hierarchy.resolve("aestus")))
                        .toList();
            }
        }
    };

    abstract Stage1 open(Path directory) throws IOException;

    /** What is left of pods on this host. */
    abstract List<String> left() throws IOException;

    private static Stream<String> pods(Path cgroup) {
        if (!Files.isDirectory(cgroup)) {
            return Stream.empty();
        }
        var found = new ArrayList<String>();
        try (var entries = Files.newDirectoryStream(cgroup, Files::isDirectory)) {
            entries.forEach(entry -> found.add("cgroup " + entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.stream();
    }
}
