package io.aestus.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this host's kernel and its settings let us do: for {@code aestus doctor}, the health check, and whoever must choose
 * between two ways. Immutable; probing changes nothing on the host.
 *
 * @param release what {@code uname -r} prints
 * @param lastCapability the highest capability the kernel knows
 * @param features each with what follows where it is missing
 */
public record HostKernel(
        String release,
        KernelVersion version,
        CgroupLayout cgroups,
        int lastCapability,
        CapabilitySet privileges,
        List<Feature> features) {

    /** The oldest kernel on which pods run: the first whose mounts can be changed before anybody sees them. */
    public static final KernelVersion OLDEST = new KernelVersion(5, 12);

    private static final int SETTING_BYTES = 4096;

    /** How much depends on a feature. */
    public enum Need {
        /** No pod runs without it. */
        REQUIRED,
        /** Pods run, with less: the consequence says what. */
        WANTED
    }

    /**
     * Something that a kernel may lack.
     *
     * @param name a few words, stable
     * @param detail what was found
     * @param consequence what follows if it is missing
     */
    public record Feature(String name, Need need, boolean isPresent, String detail, String consequence) {}

    public HostKernel {
        features = List.copyOf(features);
    }

    /** Asks the kernel this process runs on. */
    public static HostKernel probe() throws IOException {
        String release = setting("kernel/osrelease", "");
        var version = KernelVersion.parse(release);
        var cgroups = CgroupLayout.of(MountInfo.all());
        var privileges = effectiveCapabilities();
        return new HostKernel(
                release,
                version,
                cgroups,
                Integer.parseInt(setting("kernel/cap_last_cap", "40")),
                privileges,
                new KernelProbe(version, cgroups, privileges).features());
    }

    /** Whether nothing is missing that pods cannot do without. */
    public boolean canRunPods() {
        return missing().noneMatch(feature -> feature.need() == Need.REQUIRED);
    }

    /** What is not there. */
    public Stream<Feature> missing() {
        return features.stream().filter(feature -> !feature.isPresent());
    }

    /** Whether the feature called {@code name} is there. */
    public boolean has(String name) {
        return features.stream().anyMatch(feature -> feature.name().equals(name) && feature.isPresent());
    }

    /**
     * The content of a file below {@code /proc/sys}, or {@code otherwise} where this kernel has no such setting. It must be
     * read at once: asked for a single byte first, as {@code Files.readString} does for files of size 0, such a file gives one
     * digit and then claims to be at its end.
     */
    static String setting(String path, String otherwise) throws IOException {
        try (var file = FileChannel.open(Path.of("/proc/sys", path))) {
            byte[] content = new byte[SETTING_BYTES];
            int count = file.read(ByteBuffer.wrap(content));
            return new String(content, 0, Math.max(0, count), StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException e) {
            return otherwise;
        }
    }

    /** Whether a setting below {@code /proc/sys} is there and has that value. */
    public static boolean isSet(String path, String value) throws IOException {
        return setting(path, "").equals(value);
    }

    private static CapabilitySet effectiveCapabilities() throws IOException {
        String prefix = "CapEff:";
        for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith(prefix)) {
                return new CapabilitySet(
                        Long.parseUnsignedLong(line.substring(prefix.length()).strip(), 16));
            }
        }
        throw new IOException("/proc/self/status has no line " + prefix);
    }
}
