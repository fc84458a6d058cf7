package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Directory;
import io.aestus.linux.FileLock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which user IDs of the host the pods of one data directory can have, so that those of another one have others. A block of
 * {@value #RANGES} ranges is claimed by a symbolic link of its number that leads to the data directory; one whose directory is
 * gone is anybody's. Blocks are claimed one by one, as they are needed, and kept; a pod costs nothing here.
 *
 * <p>Left out is what {@code /etc/subuid} and {@code /etc/subgid} give to users of the host. Where the registry cannot be
 * written every block counts as ours, and data directories know nothing of each other.
 */
final class UserBlocks {
    static final int RANGE_IDS = 65536;
    static final int RANGES = 64;

    /** Above the ranges that most distributions hand out to users, below where programs take an ID for a negative number. */
    private static final int FIRST = 0x2000_0000;

    private static final long BLOCK_IDS = (long) RANGE_IDS * RANGES;
    private static final int COUNT = (int) ((0x6fff_0000L - FIRST) / BLOCK_IDS);
    private static final long LONGEST_FILE = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Path registry;
    private final Path owner;
    private final List<Path> subordinate;
    private final List<Integer> own = new ArrayList<>();

    /** @param subordinate files such as {@code /etc/subuid} */
    UserBlocks(Path registry, Path owner, List<Path> subordinate) {
        this.registry = registry;
        this.owner = owner.toAbsolutePath().normalize();
        this.subordinate = List.copyOf(subordinate);
    }

    /** Of a data directory on this host. Nothing is claimed yet. */
    static UserBlocks ofHost(Path owner) {
        return new UserBlocks(
                Path.of("/run/aestus/users"), owner, List.of(Path.of("/etc/subuid"), Path.of("/etc/subgid")));
    }

    /** The first user ID of a range. */
    static int base(int block, int range) {
        return FIRST + (int) (block * BLOCK_IDS) + range * RANGE_IDS;
    }

    /** The number of a range that begins with that user ID; ranges are numbered over all blocks. */
    static int number(int base) {
        return (base - FIRST) / RANGE_IDS;
    }

    /** The blocks that are this directory's, at least one. */
    synchronized List<Integer> own() throws IOException {
        if (own.isEmpty()) {
            claim();
        }
        return List.copyOf(own);
    }

    /**
     * Makes one more block this directory's.
     *
     * @throws AestusException {@link Problem#EXHAUSTED} if there is none
     */
    synchronized void claim() throws IOException {
        int before = own.size();
        try {
            Files.createDirectories(registry);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no registry of user IDs", e);
            own.clear();
            own.addAll(free());
        }
        if (Files.isDirectory(registry)) {
            try (var _ = FileLock.acquire(registry.resolve("lock"), FileLock.Kind.EXCLUSIVE, PATIENCE)
                            .orElseThrow(() -> new IOException("somebody claims user IDs since " + PATIENCE));
                    Directory blocks = Directory.open(registry)) {
                claimIn(blocks, free());
            }
        }
        if (own.size() == before) {
            throw new AestusException(
                    Problem.EXHAUSTED, "cannot give a pod users of its own: all ranges of this host are taken");
        }
    }

    /** What other processes on this directory have claimed meanwhile is as good as one more. */
    private void claimIn(Directory blocks, List<Integer> free) throws IOException {
        int start = Math.floorMod(owner.toString().hashCode(), Math.max(1, free.size()));
        for (int block : free) {
            if (!own.contains(block)
                    && owner(blocks, block).filter(owner::equals).isPresent()) {
                own.add(block);
                return;
            }
        }
        for (int i = 0; i < free.size(); i++) {
            int block = free.get((start + i) % free.size());
            Optional<Path> other = owner(blocks, block);
            if (other.isEmpty() || !Files.isDirectory(other.get())) {
                if (other.isPresent()) {
                    blocks.unlink(Integer.toString(block));
                }
                blocks.makeSymbolicLink(Integer.toString(block), owner.toString());
                own.add(block);
                return;
            }
        }
    }

    private static Optional<Path> owner(Directory blocks, int block) throws IOException {
        String name = Integer.toString(block);
        return blocks.find(name).isPresent() ? Optional.of(Path.of(blocks.readLink(name))) : Optional.empty();
    }

    /** The blocks of which no user of the host has a part. */
    private List<Integer> free() throws IOException {
        var taken = new ArrayList<long[]>();
        for (Path file : subordinate) {
            if (Files.isReadable(file) && Files.size(file) <= LONGEST_FILE) {
                Files.readAllLines(file).forEach(line -> addRange(line, taken));
            }
        }
        return IntStream.range(0, COUNT)
                .filter(block -> taken.stream().noneMatch(range -> overlaps(range, base(block, 0))))
                .boxed()
                .toList();
    }

    /** A line {@code NAME:FIRST:COUNT}; others say nothing. */
    private static void addRange(String line, List<long[]> ranges) {
        String[] parts = line.split(":", -1);
        if (parts.length == 3 && parts[1].matches("\\d{1,10}") && parts[2].matches("\\d{1,10}")) {
            ranges.add(new long[] {Long.parseLong(parts[1]), Long.parseLong(parts[2])});
        }
    }

    private static boolean overlaps(long[] range, long first) {
        return range[0] < first + BLOCK_IDS && first < range[0] + range[1];
    }
}
