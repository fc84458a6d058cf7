package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.json.JsonReader;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of a container that is a kernel of its own: the host sees that kernel, and for each further process that was
 * executed in it one that waits for it. Which process that is the runtime tells in a file beside what it remembers itself.
 */
final class OciGuests {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final int MAX_NUMBER = Integer.MAX_VALUE;
    /** In the name of the file in which a container is remembered. */
    private static final String SANDBOX = "_sandbox:";

    private static final String STATE = ".state";
    private static final Pattern ROW = Pattern.compile("\\d+ +(\\d{1,9}) +(\\d{1,9}) +(\\d{1,9}) ");

    private final OciCalls calls;

    OciGuests(OciCalls calls) {
        this.calls = calls;
    }

    private static String file(String id, String session) {
        return id + "." + session;
    }

    /** The words by which the runtime tells the number that a further process has inside. */
    static List<String> words(String id, String session) {
        return List.of("--internal-pid-file", OciDesk.path(OciDesk.STATE) + "/" + file(id, session));
    }

    /** Forgets a further process that has ended. */
    void forget(AppPlace place, String id, String session) throws IOException {
        if (Files.isDirectory(OciCalls.state(place.pod()))) {
            try (Directory state = Directory.open(OciCalls.state(place.pod()))) {
                state.unlink(file(id, session));
            }
        }
    }

    /**
     * Kills a further process and what it has started, as far as that can be told: by parents, and by groups. What has left both
     * goes on until the app ends. Nothing is killed in an app that has just ended.
     */
    void kill(AppPlace place, String id, String session) {
        try {
            Optional<Integer> leader = leader(place, file(id, session));
            if (leader.isPresent()) {
                for (int group : groups(leader.get(), list(place, id))) {
                    calls.tell(place, List.of("kill", "--pgid", Integer.toString(group), id, "KILL"));
                }
            }
        } catch (IOException e) {
            LOG.log(
                    Level.DEBUG,
                    "cannot kill inside container " + id + " of pod "
                            + place.pod().uuid(),
                    e);
        }
    }

    private static Optional<Integer> leader(AppPlace place, String name) throws IOException {
        try (Directory state = Directory.open(OciCalls.state(place.pod()))) {
            if (state.find(name).isEmpty()) {
                return Optional.empty();
            }
            try (Fd file = state.openForReading(name)) {
                String number = new String(file.readAll(64), StandardCharsets.US_ASCII).strip();
                return number.matches("[1-9]\\d{0,8}") ? Optional.of(Integer.parseInt(number)) : Optional.empty();
            }
        }
    }

    /** A process, as the container counts. */
    private record Guest(int pid, int parent, int group) {
        /** Of a line of a table whose first columns are UID, PID, PPID and PGID. */
        static Stream<Guest> read(String line) {
            Matcher row = ROW.matcher(line);
            return row.lookingAt()
                    ? Stream.of(new Guest(
                            Integer.parseInt(row.group(1)),
                            Integer.parseInt(row.group(2)),
                            Integer.parseInt(row.group(3))))
                    : Stream.empty();
        }
    }

    private List<Guest> list(AppPlace place, String id) throws IOException {
        String table = calls.ask(place.pod(), List.of("ps", "--format", "table", id));
        return table.lines().flatMap(Guest::read).toList();
    }

    /** The groups that are led by a process or by a descendant of its. */
    private static Set<Integer> groups(int leader, List<Guest> guests) {
        var found = new LinkedHashSet<>(Set.of(leader));
        boolean isGrowing = true;
        while (isGrowing) {
            isGrowing = false;
            for (Guest guest : guests) {
                if (found.contains(guest.parent)) {
                    isGrowing |= found.add(guest.pid);
                }
            }
        }
        return guests.stream()
                .filter(guest -> found.contains(guest.pid) && found.contains(guest.group))
                .map(Guest::group)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    // --- whole pods

    /**
     * Has the kernels of a pod stand still. They do so themselves: frozen from outside amid a switch, what they run may end by
     * SIGSEGV when it goes on. Those that stand still already, or have ended, are left alone.
     */
    void pause(PodPlace pod) throws IOException {
        tell(pod, "running", "pause");
    }

    /** Has those go on that stand still. */
    void resume(PodPlace pod) throws IOException {
        tell(pod, "paused", "resume");
    }

    private void tell(PodPlace pod, String status, String word) throws IOException {
        for (String id : containers(pod)) {
            if (status(pod, id).equals(status)) {
                calls.tell(pod, List.of(word, id));
            }
        }
    }

    private static List<String> containers(PodPlace pod) throws IOException {
        if (!Files.isDirectory(OciCalls.state(pod))) {
            return List.of();
        }
        try (Directory state = Directory.open(OciCalls.state(pod))) {
            return state.list().stream()
                    .filter(name -> name.endsWith(STATE) && name.contains(SANDBOX))
                    .map(name -> name.substring(0, name.indexOf(SANDBOX)))
                    .toList();
        }
    }

    private String status(PodPlace pod, String id) throws IOException {
        byte[] said = calls.ask(pod, List.of("state", id)).getBytes(StandardCharsets.UTF_8);
        return JsonReader.read(said, "the state of container " + id)
                .required("status")
                .string();
    }

    /**
     * Where the files of a running container are: below the root of the process that opens them for its kernel, which has none of
     * its own to show. The runtime tells which that is, and is believed only of those that are the app's.
     *
     * @param processes those of the app, as the host counts
     */
    static Path root(AppPlace place, String id, List<Long> processes) throws IOException {
        Path state = OciCalls.state(place.pod());
        String name = id + SANDBOX + id + STATE;
        try (Directory directory = Directory.open(state);
                Fd file = directory.openForReading(name)) {
            long pid = JsonReader.read(file.readAll(1 << 20), name)
                    .required("goferPid")
                    .whole(0, MAX_NUMBER);
            if (!processes.contains(pid)) {
                throw new IOException("process " + pid + ", which shall open its files, is none of the app");
            }
            return Path.of("/proc", Long.toString(pid), "root");
        }
    }
}
