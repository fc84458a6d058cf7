package io.aestus.linux;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What stands in for a cgroup where this process may make none: its processes are found and ended, though neither limited nor
 * counted. They are known by their root, whose mount says as its source to what it belongs; that nobody changes who may
 * not mount.
 *
 * <p>A process that makes a user namespace of its own and another root in it hides so until the first process of its pod
 * ends, and with it the PID namespace.
 */
final class ProcessesByRoot implements Cgroup {
    private static final String REASON = "no cgroup was delegated to this user";

    private final String path;
    private final Map<String, Long> leaders;

    /** @param leaders the first process of each part, by the path of the part */
    ProcessesByRoot(String path, Map<String, Long> leaders) {
        this.path = path;
        this.leaders = leaders;
    }

    /** What all of one process share. */
    static Map<String, Long> leaders() {
        return new ConcurrentHashMap<>();
    }

    @Override
    public boolean exists() {
        return !processes().isEmpty();
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<Unenforced> limit(CgroupLimits limits) {
        var unenforced = new ArrayList<Unenforced>();
        add(unenforced, limits.memoryBytes(), "memory");
        add(unenforced, limits.memoryReservationBytes(), "memory request");
        add(unenforced, limits.memoryAndSwapBytes(), "memory and swap");
        add(unenforced, limits.cpuShares(), "cpu shares");
        add(unenforced, limits.cpuQuotaMicros(), "cpu quota");
        limits.cpus().ifPresent(_ -> unenforced.add(new Unenforced("cpus", REASON)));
        limits.memoryNodes().ifPresent(_ -> unenforced.add(new Unenforced("memory nodes", REASON)));
        add(unenforced, limits.processes(), "processes");
        add(unenforced, limits.blockBytesPerSecond(), "block bandwidth");
        add(unenforced, limits.blockOperationsPerSecond(), "block operations");
        if (!limits.hugePages().isEmpty()) {
            unenforced.add(new Unenforced("huge pages", REASON));
        }
        limits.unified().keySet().forEach(file -> unenforced.add(new Unenforced(file, REASON)));
        return List.copyOf(unenforced);
    }

    private static void add(List<Unenforced> unenforced, OptionalLong limit, String name) {
        if (limit.isPresent()) {
            unenforced.add(new Unenforced(name, REASON));
        }
    }

    /** Its root says where it belongs. */
    @Override
    public void join(long pid) {}

    @Override
    public Optional<Path> unifiedDirectory() {
        return Optional.empty();
    }

    @Override
    public boolean startsInside() {
        return true;
    }

    @Override
    public List<Path> memberFiles() {
        return List.of();
    }

    @Override
    public CgroupPart part(String name) {
        return new CgroupPart.Session(members(), path + "/" + name, leaders);
    }

    @Override
    public List<Long> processes() {
        return ProcessTable.all(members());
    }

    private ProcessTable.Selection members() {
        return ProcessTable.withRoot(source -> source.equals(path) || source.startsWith(path + "/"));
    }

    @Override
    public void freeze(Duration limit) {
        throw new AestusException(Problem.UNSUPPORTED, "cannot pause processes: " + REASON)
                .withRemedy("systemd-run --user --scope -p Delegate=yes aestus …");
    }

    @Override
    public void thaw() {
        freeze(Duration.ZERO);
    }

    @Override
    public void kill(Duration limit) throws IOException {
        if (!ProcessTable.end(members(), limit)) {
            throw new IOException("%s still has processes %s after %s".formatted(path, processes(), limit));
        }
    }

    @Override
    public CgroupStatistics statistics() {
        return new CgroupStatistics(
                Optional.empty(),
                Optional.empty(),
                OptionalLong.of(processes().size()),
                Optional.empty(),
                CgroupStatistics.Pressure.UNKNOWN);
    }

    @Override
    public long outOfMemoryKills() {
        return 0;
    }

    /** There is nothing but its processes. */
    @Override
    public void remove(Duration limit) {}
}
