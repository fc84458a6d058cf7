package io.aestus.linux;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The names and numbers of all system calls of one abi, as of Linux 6.18. Needed in full to compile seccomp
 * profiles; what this room calls itself stands as constants beside the calls. Immutable.
 */
public final class SyscallTable {
    private static final Map<SyscallAbi, SyscallTable> TABLES =
            Collections.synchronizedMap(new EnumMap<>(SyscallAbi.class));

    private final SyscallAbi abi;
    private final Map<String, Integer> numbers;
    private final Map<Integer, String> names = new HashMap<>();
    private final int highest;

    private SyscallTable(SyscallAbi abi, Map<String, Integer> numbers) {
        this.abi = abi;
        this.numbers = Collections.unmodifiableMap(numbers);
        numbers.forEach((name, number) -> names.put(number, name));
        this.highest = Collections.max(numbers.values());
    }

    /** The table of {@code abi}, read once per process. */
    public static SyscallTable of(SyscallAbi abi) {
        return TABLES.computeIfAbsent(abi, SyscallTable::read);
    }

    private static SyscallTable read(SyscallAbi abi) {
        String resource = "syscalls-" + abi.kernelName() + ".txt";
        var stream = Objects.requireNonNull(SyscallTable.class.getResourceAsStream(resource), resource);
        try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            var numbers = new LinkedHashMap<String, Integer>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    int space = line.indexOf(' ');
                    numbers.put(line.substring(space + 1), Integer.valueOf(line.substring(0, space)));
                }
            }
            return new SyscallTable(abi, numbers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public SyscallAbi abi() {
        return abi;
    }

    /** The number of {@code name}; empty if this architecture has no such call, or none that was known in Linux 6.18. */
    public OptionalInt number(String name) {
        Integer number = numbers.get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /**
     * The numbers of all calls here that do what the 64-bit call {@code name} does: usually that one; on {@link
     * SyscallAbi#I386} also its variants with wider arguments.
     */
    List<Integer> numbersLike(String name) {
        var found = new ArrayList<Integer>();
        Stream<String> candidates = abi == SyscallAbi.I386 ? I386Variants.of(name) : Stream.of(name);
        candidates.forEach(candidate -> number(candidate).ifPresent(found::add));
        return found;
    }

    /** The name of call {@code number}, for messages about a process that seccomp stopped. */
    public Optional<String> name(int number) {
        return Optional.ofNullable(names.get(number));
    }

    /** The highest number known here; the kernel may have higher ones. */
    public int highest() {
        return highest;
    }

    /** All names, in the order of their numbers. */
    public Set<String> names() {
        return numbers.keySet();
    }
}
