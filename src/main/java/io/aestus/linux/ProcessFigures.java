package io.aestus.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What some processes hold and do just now, as {@code /proc} says. They come and go meanwhile: one that is gone has nothing.
 *
 * @param processes how many there are
 * @param descriptors that they have open
 * @param sockets among them
 * @param threads by what they do
 */
public record ProcessFigures(long processes, long descriptors, long sockets, Map<State, Long> threads) {
    private static final Path ALL = Path.of("/proc");
    private static final String SOCKET = "socket:";

    /** What a thread does. */
    public enum State {
        RUNNING,
        SLEEPING,
        STOPPED,
        /** It waits in the kernel, mostly for a disk. */
        UNINTERRUPTIBLE
    }

    public ProcessFigures {
        threads = Map.copyOf(threads);
    }

    /**
     * Looks at processes.
     *
     * @param most how many threads and descriptors are looked at
     * @return empty if there are more
     */
    public static Optional<ProcessFigures> of(Collection<Long> processes, int most) {
        var count = new Count(most);
        for (long process : processes) {
            if (!count.add(ALL.resolve(Long.toString(process)))) {
                return Optional.empty();
            }
        }
        return Optional.of(new ProcessFigures(count.processes, count.descriptors, count.sockets, count.threads));
    }

    private static final class Count {
        private int left;
        private long processes;
        private long descriptors;
        private long sockets;
        private final Map<State, Long> threads = new EnumMap<>(State.class);

        Count(int most) {
            left = most;
            for (State state : State.values()) {
                threads.put(state, 0L);
            }
        }

        /** @return false if there is too much to be looked at */
        boolean add(Path process) {
            if (!Files.exists(process)) {
                return true;
            }
            processes++;
            return each(process.resolve("task"), thread -> add(state(thread)))
                    && each(process.resolve("fd"), this::addDescriptor);
        }

        private void add(Optional<State> state) {
            state.ifPresent(known -> threads.merge(known, 1L, Long::sum));
        }

        private void addDescriptor(Path descriptor) {
            try {
                String opened = Files.readSymbolicLink(descriptor).toString();
                sockets += opened.startsWith(SOCKET) ? 1 : 0;
                descriptors++;
            } catch (IOException _) {
                left++; // it is gone, and costs nothing
            }
        }

        private boolean each(Path directory, Consumer<Path> look) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                for (Path entry : entries) {
                    if (left-- == 0) {
                        return false;
                    }
                    look.accept(entry);
                }
            } catch (IOException | DirectoryIteratorException _) {
                return true; // the process is gone
            }
            return true;
        }
    }

    /** The letter behind the command's last parenthesis; of one that has ended none. */
    private static Optional<State> state(Path thread) {
        try {
            return ProcessStat.read(thread.resolve("stat")).flatMap(stat -> switch (stat.state()) {
                case 'R' -> Optional.of(State.RUNNING);
                case 'S', 'I' -> Optional.of(State.SLEEPING);
                case 'T', 't' -> Optional.of(State.STOPPED);
                case 'D' -> Optional.of(State.UNINTERRUPTIBLE);
                default -> Optional.empty();
            });
        } catch (SyscallException _) {
            return Optional.empty(); // nobody may look
        }
    }
}
