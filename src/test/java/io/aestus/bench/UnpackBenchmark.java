package io.aestus.bench;

import io.aestus.aci.Compression;
import io.aestus.aci.UnpackLimits;
import io.aestus.aci.UnpackedImage;
import io.aestus.aci.Unpacker;
import io.aestus.linux.Directory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * How fast an archive is decompressed, hashed, checked and unpacked on one thread. Arguments: the archive, an empty directory
 * to work in, and how often.
 */
public final class UnpackBenchmark {
    private UnpackBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path archive = Path.of(args[0]);
        int rounds = Integer.parseInt(args[2]);
        double[] seconds = new double[rounds];
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Directory place = Directory.open(Path.of(args[1]))) {
            for (int i = 0; i < rounds; i++) {
                place.makeDirectory("round", 0700);
                long start = System.nanoTime();
                long cpu = threads.getCurrentThreadCpuTime();
                UnpackedImage image = unpack(archive, place);
                double busy = (threads.getCurrentThreadCpuTime() - cpu) / 1e9;
                seconds[i] = (System.nanoTime() - start) / 1e9;
                System.out.printf(
                        Locale.ROOT,
                        "%.3f s, of which %.3f s on a processor; %d entries, %.0f MB/s of tar%n",
                        seconds[i],
                        busy,
                        image.entries(),
                        image.tarBytes() / 1e6 / seconds[i]);
                place.removeTree("round");
            }
        }
        Arrays.sort(seconds);
        System.out.printf(Locale.ROOT, "median %.3f s%n", seconds[rounds / 2]);
    }

    private static UnpackedImage unpack(Path archive, Directory place) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
                InputStream tar = Compression.open(file, UnpackLimits.DEFAULT);
                Directory target = place.openDirectory("round")) {
            return Unpacker.unpack(tar, target, UnpackLimits.DEFAULT);
        }
    }
}
