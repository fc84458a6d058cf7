package io.aestus.testing;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** One uncompressed jar of directories of classes and of jars: from those it takes what the packaged command line takes. */
final class ProgramJar {
    /** No signatures of single jars, and no classes for other versions of Java. */
    private static final Pattern LEFT_OUT = Pattern.compile("META-INF/(?!services/).*|module-info\\.class");

    private final ZipOutputStream out;
    private final Set<String> names = new HashSet<>();

    private ProgramJar(ZipOutputStream out) {
        this.out = out;
    }

    static void write(Path jar, List<Path> parts) throws IOException {
        Path half = Files.createTempFile(jar.getParent(), "half", "");
        try {
            try (var out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(half), 1 << 16))) {
                out.setMethod(ZipOutputStream.STORED);
                var whole = new ProgramJar(out);
                for (Path part : parts) {
                    if (Files.isDirectory(part)) {
                        whole.addDirectory(part);
                    } else {
                        whole.addJar(part);
                    }
                }
            }
            half.toFile().setReadable(true, false); // other users' tests start it too
            Files.move(half, jar, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(half);
        }
    }

    private void addDirectory(Path directory) throws IOException {
        List<Path> files;
        try (var all = Files.walk(directory)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            add(directory.relativize(file).toString(), Files.readAllBytes(file));
        }
    }

    private void addJar(Path jar) throws IOException {
        try (var file = new ZipFile(jar.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && !LEFT_OUT.matcher(entry.getName()).matches()) {
                    try (var content = file.getInputStream(entry)) {
                        add(entry.getName(), content.readAllBytes());
                    }
                }
            }
        }
    }

    /** Of several with a name the first counts, as in a class path. */
    private void add(String name, byte[] content) throws IOException {
        if (!names.add(name)) {
            return;
        }
        var crc = new CRC32();
        crc.update(content);
        var entry = new ZipEntry(name);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }
}
