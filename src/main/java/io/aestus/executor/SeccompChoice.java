package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.DefaultSeccompPolicy;
import io.aestus.linux.Errno;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompFilter;
import io.aestus.linux.SeccompGroups;
import io.aestus.linux.SeccompPolicy;
import io.aestus.linux.SyscallAbi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which system calls an app may make, as its isolators say it. Filters are compiled once for all apps that agree. */
sealed interface SeccompChoice {
    /** All. */
    record Unfiltered() implements SeccompChoice {}

    /** What suits nearly every program. */
    record Standard() implements SeccompChoice {}

    /**
     * Those and what is indispensable.
     *
     * @param errno what others get; empty ends the process by SIGSYS
     */
    record Retain(List<String> calls, String errno) implements SeccompChoice {
        public Retain {
            calls = List.copyOf(calls);
        }
    }

    /**
     * What suits nearly every program, but those.
     *
     * @param errno what those get; empty ends the process by SIGSYS
     */
    record Remove(List<String> calls, String errno) implements SeccompChoice {
        public Remove {
            calls = List.copyOf(calls);
        }
    }

    /** What somebody wrote down for OCI runtimes. */
    record Profile(SeccompProfile profile) implements SeccompChoice {}

    /** A choice with the capabilities that it is made for, which open some calls. */
    record Key(SeccompChoice choice, CapabilitySet capabilities) {}

    /** No errno: a refused call ends the process by SIGSYS. */
    String KILL = "";

    /** What a child calls after its filter, when that is not the last step. */
    List<String> LAUNCH = List.of(
            "setgroups",
            "setresgid",
            "setresuid",
            "capset",
            "prctl",
            "openat2",
            "fchdir",
            "execve",
            "exit_group",
            "write");

    /** What one apart calls besides. */
    List<String> BIRTH = List.of("clone", "setsid", "ioctl");

    /** All that were compiled; as many as there are different choices, which are few. */
    Map<Key, SeccompFilter> COMPILED = new ConcurrentHashMap<>();

    /** Calls that no architecture has, and groups that nobody knows, are told to {@code unknown}. */
    static SeccompChoice of(Isolators isolators, List<String> unknown) {
        Optional<LinuxIsolator.SeccompRetainSet> retain = isolators.find(LinuxIsolator.SeccompRetainSet.class);
        if (retain.isPresent()) {
            List<String> names = retain.get().set();
            return names.contains(SeccompGroups.ALL)
                    ? new Unfiltered()
                    : new Retain(expanded(names, unknown), retain.get().errno().orElse(KILL));
        }
        Optional<LinuxIsolator.SeccompRemoveSet> remove = isolators.find(LinuxIsolator.SeccompRemoveSet.class);
        if (remove.isPresent()) {
            List<String> names = remove.get().set();
            return names.contains(SeccompGroups.EMPTY)
                    ? new Standard()
                    : new Remove(expanded(names, unknown), remove.get().errno().orElse(KILL));
        }
        return new Standard();
    }

    private static List<String> expanded(List<String> names, List<String> unknown) {
        names.stream()
                .filter(name -> !name.startsWith("@") && !SeccompGroups.isCall(name))
                .forEach(unknown::add);
        return List.copyOf(SeccompGroups.expand(names, unknown));
    }

    /** The filter; empty if all calls are allowed. */
    default Optional<SeccompFilter> filter(CapabilitySet capabilities) {
        if (this instanceof Unfiltered) {
            return Optional.empty();
        }
        return Optional.of(COMPILED.computeIfAbsent(
                new Key(this, capabilities),
                key -> SeccompFilter.compile(key.choice().policy(key.capabilities()), SyscallAbi.ofHost())));
    }

    /**
     * Whether it takes away what a child still needs between the filter and its program: then the filter must come last,
     * which takes {@code no_new_privs}.
     */
    default boolean hindersLaunch(boolean isApart, CapabilitySet capabilities) {
        return switch (this) {
            case Unfiltered _, Standard _ -> false;
            case Retain(List<String> calls, String _) -> isApart && !calls.containsAll(BIRTH);
            case Remove(List<String> calls, String _) ->
                LAUNCH.stream().anyMatch(calls::contains)
                        || (isApart && BIRTH.stream().anyMatch(calls::contains));
            case Profile(SeccompProfile profile) -> {
                SeccompPolicy policy = profile.policy(capabilities);
                yield !LAUNCH.stream().allMatch(policy::letsThrough)
                        || (isApart && !BIRTH.stream().allMatch(policy::letsThrough));
            }
        };
    }

    /** Who answers what the filter asks about, if it asks. */
    default Optional<SeccompProfile.Listener> listener() {
        return this instanceof Profile(SeccompProfile profile) ? profile.listener() : Optional.empty();
    }

    /** What the filter does, for whoever makes it itself; empty if all calls are allowed. */
    default Optional<SeccompPolicy> policyFor(CapabilitySet capabilities) {
        return this instanceof Unfiltered ? Optional.empty() : Optional.of(policy(capabilities));
    }

    private SeccompPolicy policy(CapabilitySet capabilities) {
        return switch (this) {
            case Unfiltered _ -> throw new IllegalStateException("no policy for no filter");
            case Standard _ -> DefaultSeccompPolicy.of(capabilities);
            case Retain(List<String> calls, String errno) -> SeccompPolicy.retain(withLaunch(calls), action(errno));
            case Remove(List<String> calls, String errno) ->
                DefaultSeccompPolicy.of(capabilities).without(calls, action(errno));
            case Profile(SeccompProfile profile) -> profile.policy(capabilities);
        };
    }

    private static List<String> withLaunch(List<String> calls) {
        var all = new ArrayList<>(calls);
        all.addAll(LAUNCH);
        return all;
    }

    private static SeccompAction action(String errno) {
        if (errno.isEmpty()) {
            return SeccompAction.KILL_PROCESS;
        }
        return SeccompAction.errno(Errno.find(errno)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID, "cannot filter system calls: there is no errno " + Quoted.of(errno))));
    }

    default JsonObject toJson() {
        var json = JsonObject.builder();
        switch (this) {
            case Unfiltered _ -> json.put("mode", "unfiltered");
            case Standard _ -> json.put("mode", "standard");
            case Retain(List<String> calls, String errno) ->
                json.put("mode", "retain").put("calls", array(calls)).put("errno", errno);
            case Remove(List<String> calls, String errno) ->
                json.put("mode", "remove").put("calls", array(calls)).put("errno", errno);
            case Profile(SeccompProfile profile) -> json.put("mode", "profile").put("profile", profile.json());
        }
        return json.build();
    }

    private static JsonArray array(List<String> words) {
        return new JsonArray(new ArrayList<>(words.stream().map(JsonString::new).toList()));
    }

    static SeccompChoice read(JsonView json) {
        return switch (json.required("mode").string()) {
            case "unfiltered" -> new Unfiltered();
            case "standard" -> new Standard();
            case "retain" ->
                new Retain(json.strings("calls"), json.required("errno").string());
            case "remove" ->
                new Remove(json.strings("calls"), json.required("errno").string());
            case "profile" ->
                new Profile(new SeccompProfile(json.required("profile").object()));
            default -> throw json.failure("no such mode");
        };
    }
}
