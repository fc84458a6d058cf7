package io.aestus.linux;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The names beginning with {@code @} that appc isolators may hold beside system calls.
 *
 * @see <a href="https://github.com/rkt/rkt/blob/master/Documentation/seccomp-guide.md">what rkt made of them</a>
 */
public final class SeccompGroups {
    /** In a retain set: no filter at all, whatever else the set holds. */
    public static final String ALL = "@appc.io/all";

    /** In a remove set: the executor's default, nothing more removed. */
    public static final String EMPTY = "@appc.io/empty";

    private static final String RESOURCE = "seccomp-groups.txt";

    private SeccompGroups() {}

    /** The members of {@code group}, {@code @} included; empty if there is no such list. */
    public static Optional<List<String>> members(String group) {
        return Optional.ofNullable(Lists.BY_NAME.get(group.replace("@rkt/", "@docker/")));
    }

    /**
     * {@code names} with each group replaced by its members.
     *
     * @param unknownGroups receives the groups that nobody knows
     */
    public static Set<String> expand(Collection<String> names, Collection<String> unknownGroups) {
        var out = new LinkedHashSet<String>();
        for (String name : names) {
            if (!name.startsWith("@")) {
                out.add(name);
            } else if (!name.equals(ALL) && !name.equals(EMPTY)) {
                members(name).ifPresentOrElse(out::addAll, () -> unknownGroups.add(name));
            }
        }
        return out;
    }

    /** Whether any architecture has a call of this name. Not of all architectures there is a whole table here. */
    public static boolean isCall(String name) {
        return Arrays.stream(SyscallAbi.values())
                        .anyMatch(abi -> SyscallTable.of(abi).number(name).isPresent())
                || DefaultSeccompPolicy.OF_ONE_ARCHITECTURE.contains(name)
                || Lists.BY_NAME.values().stream().anyMatch(members -> members.contains(name));
    }

    /** Read when first needed. */
    private static final class Lists {
        static final Map<String, List<String>> BY_NAME = read();

        private static Map<String, List<String>> read() {
            var stream = Objects.requireNonNull(SeccompGroups.class.getResourceAsStream(RESOURCE), RESOURCE);
            try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
                var groups = new LinkedHashMap<String, List<String>>();
                List<String> current = new ArrayList<>();
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("@")) {
                        current = new ArrayList<>();
                        groups.put(line, current);
                    } else if (!line.startsWith("#")) {
                        current.addAll(List.of(line.strip().split(" ")));
                    }
                }
                groups.replaceAll((_, members) -> List.copyOf(members));
                return groups;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
