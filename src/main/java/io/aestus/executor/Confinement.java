package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Rlimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How the processes of an app are confined, its own and every further one. Recorded when the app starts, so that whatever
 * runs in it later, by another agent perhaps, is confined alike.
 *
 * @param capabilities what its programs can have at most
 * @param ambient what they have even if they are not root's
 * @param isPrivileged all capabilities and devices, nothing masked, no seccomp
 * @param label what a security module of the kernel confines it by
 * @param oomScoreAdjustment empty: what the agent was started with
 * @param environment {@code NAME=value}
 */
record Confinement(
        int user,
        int group,
        List<Integer> groups,
        CapabilitySet capabilities,
        CapabilitySet ambient,
        boolean isPrivileged,
        boolean noNewPrivileges,
        SeccompChoice seccomp,
        List<Rlimit> limits,
        Optional<Integer> oomScoreAdjustment,
        Optional<SecurityLabels.Label> label,
        String workingDirectory,
        List<String> environment) {

    Confinement {
        groups = List.copyOf(groups);
        limits = List.copyOf(limits);
        environment = List.copyOf(environment);
    }

    static Confinement of(
            App app,
            AppOptions options,
            AppIdentity identity,
            Optional<SecurityLabels.Label> label,
            List<String> environment,
            List<String> unknownCalls) {
        Isolators isolators = app.isolators();
        boolean privileged = options.privilege() == AppOptions.Privilege.PRIVILEGED;
        CapabilitySet ambient = set(options.rights().ambientCapabilities());
        return new Confinement(
                identity.user(),
                identity.group(),
                identity.groups(),
                privileged ? CapabilitySet.ALL : capabilities(isolators).with(ambient),
                ambient,
                privileged,
                isolators
                        .find(LinuxIsolator.NoNewPrivileges.class)
                        .map(LinuxIsolator.NoNewPrivileges::isSet)
                        .orElse(false),
                privileged ? new SeccompChoice.Unfiltered() : seccomp(isolators, options, unknownCalls),
                limits(isolators, options),
                isolators.find(LinuxIsolator.OomScoreAdj.class).map(LinuxIsolator.OomScoreAdj::score),
                label,
                app.workingDirectory().value(),
                environment);
    }

    /** Those of the app's isolators, which its image may have written, raise nothing; whoever starts the pod may. */
    private static List<Rlimit> limits(Isolators isolators, AppOptions options) {
        var limits = new LinkedHashMap<Rlimit.Resource, Rlimit>();
        OwnIsolators.in(isolators).rlimits().forEach(wanted -> {
            Rlimit limit = HostProcess.within(exactly(wanted));
            limits.put(limit.resource(), limit);
        });
        options.rlimits().forEach(wanted -> {
            Rlimit limit = limit(wanted);
            limits.put(limit.resource(), limit);
        });
        return List.copyOf(limits.values());
    }

    private static SeccompChoice seccomp(Isolators isolators, AppOptions options, List<String> unknownCalls) {
        return options.rights()
                .seccomp()
                .<SeccompChoice>map(SeccompChoice.Profile::new)
                .orElseGet(() -> SeccompChoice.of(isolators, unknownCalls));
    }

    /** What programs of the app's user have at once: all that root can have, what is ambient for others. */
    CapabilitySet permitted() {
        return user == 0 ? capabilities : ambient;
    }

    /** The same with no more than {@code most}. */
    Confinement within(CapabilitySet most) {
        return with(draft -> {
            draft.capabilities = common(capabilities, most);
            draft.ambient = common(ambient, most);
        });
    }

    private static CapabilitySet common(CapabilitySet some, CapabilitySet others) {
        return some.without(CapabilitySet.ALL.without(others));
    }

    /** The same for a handler, which is root's within what the app can have. */
    Confinement asRoot() {
        return with(Draft::becomeRoot);
    }

    /** The same with other powers. */
    Confinement with(CapabilitySet newCapabilities, SeccompChoice newSeccomp) {
        return with(draft -> {
            draft.capabilities = newCapabilities;
            draft.ambient = common(ambient, newCapabilities);
            draft.seccomp = newSeccomp;
        });
    }

    /** The same for somebody who asked out of it: the pod's root, with {@code most} it can be given and all calls. */
    Confinement asPrivileged(CapabilitySet most) {
        return with(draft -> {
            draft.becomeRoot();
            draft.capabilities = most;
            draft.ambient = CapabilitySet.NONE;
            draft.isPrivileged = true;
            draft.noNewPrivileges = false;
            draft.seccomp = new SeccompChoice.Unfiltered();
        });
    }

    Confinement with(String newWorkingDirectory, List<String> newEnvironment) {
        return with(draft -> {
            draft.workingDirectory = newWorkingDirectory;
            draft.environment = newEnvironment;
        });
    }

    private Confinement with(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    private static CapabilitySet capabilities(Isolators isolators) {
        Optional<LinuxIsolator.CapabilitiesRetainSet> retain =
                isolators.find(LinuxIsolator.CapabilitiesRetainSet.class);
        if (retain.isPresent()) {
            return set(retain.get().set());
        }
        return isolators
                .find(LinuxIsolator.CapabilitiesRemoveSet.class)
                .map(remove -> CapabilitySet.STANDARD.without(set(remove.set())))
                .orElse(CapabilitySet.STANDARD);
    }

    private static CapabilitySet set(List<String> names) {
        return CapabilitySet.of(names.stream()
                .map(name -> Capability.find(name)
                        .orElseThrow(() -> new AestusException(
                                Problem.INVALID, "cannot confine the app: there is no capability " + Quoted.of(name))))
                .toList());
    }

    /** Whether this process can give that limit to another one. */
    static boolean isReachable(AppOptions.ResourceLimit wanted) {
        Rlimit given = limit(wanted);
        return given.soft() == wanted.soft() && given.hard() == wanted.hard();
    }

    /** Whether that limit is none above this process's own. */
    static boolean isWithinOwn(AppOptions.ResourceLimit wanted) {
        return exactly(wanted).equals(HostProcess.within(exactly(wanted)));
    }

    private static Rlimit limit(AppOptions.ResourceLimit limit) {
        return HostProcess.reachable(exactly(limit));
    }

    private static Rlimit exactly(AppOptions.ResourceLimit limit) {
        return new Rlimit(resource(limit.name()), limit.soft(), limit.hard());
    }

    private static Rlimit.Resource resource(String name) {
        return Rlimit.Resource.find(name)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID, "cannot limit the app: there is no resource limit " + Quoted.of(name)));
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("user", Integer.toUnsignedLong(user))
                .put("group", Integer.toUnsignedLong(group))
                .put("groups", array(groups, id -> new JsonNumber(Integer.toUnsignedString(id))))
                .put("capabilities", array(capabilities.members(), name -> new JsonString(name.toString())))
                .putUnlessEmpty("ambient", array(ambient.members(), name -> new JsonString(name.toString())))
                .put("privileged", isPrivileged)
                .put("noNewPrivileges", noNewPrivileges)
                .put("seccomp", seccomp.toJson())
                .put("limits", array(limits, Confinement::toJson))
                .putMissing(oomScoreAdjustment
                        .map(value ->
                                JsonObject.builder().put("oomScoreAdj", value).build())
                        .orElse(JsonObject.EMPTY))
                .put("label", label.map(SecurityLabels.Label::toJson))
                .put("workingDirectory", workingDirectory)
                .put("environment", array(environment, JsonString::new))
                .build();
    }

    private static Json toJson(Rlimit limit) {
        return JsonObject.builder()
                .put("name", limit.resource().toString())
                .put("soft", limit.soft())
                .put("hard", limit.hard())
                .build();
    }

    private static <T> JsonArray array(List<T> values, Function<T, Json> form) {
        return new JsonArray(new ArrayList<>(values.stream().map(form).toList()));
    }

    static Confinement read(JsonView json) {
        return new Confinement(
                id(json.required("user")),
                id(json.required("group")),
                json.list("groups", Confinement::id),
                set(json.strings("capabilities")),
                set(json.strings("ambient")),
                json.isTrue("privileged"),
                json.isTrue("noNewPrivileges"),
                SeccompChoice.read(json.required("seccomp")),
                json.list(
                        "limits",
                        limit -> new Rlimit(
                                resource(limit.required("name").string()),
                                limit.required("soft").whole(Long.MIN_VALUE, Long.MAX_VALUE),
                                limit.required("hard").whole(Long.MIN_VALUE, Long.MAX_VALUE))),
                json.optional("oomScoreAdj").map(value -> value.wholeInt(-1000, 1000)),
                json.optional("label").map(SecurityLabels.Label::read),
                json.required("workingDirectory").string(),
                json.strings("environment"));
    }

    /** Of all that is recorded, only as whom. */
    static AppUser userIn(JsonView json) {
        return new AppUser(
                Integer.toUnsignedLong(id(json.required("user"))),
                Integer.toUnsignedLong(id(json.required("group"))),
                json.list("groups", group -> Integer.toUnsignedLong(id(group))));
    }

    private static int id(JsonView json) {
        return (int) json.whole(0, 0xFFFF_FFFFL);
    }

    /** What may change of it, being changed. */
    private final class Draft {
        private int user = Confinement.this.user;
        private int group = Confinement.this.group;
        private List<Integer> groups = Confinement.this.groups;
        private CapabilitySet capabilities = Confinement.this.capabilities;
        private CapabilitySet ambient = Confinement.this.ambient;
        private boolean isPrivileged = Confinement.this.isPrivileged;
        private boolean noNewPrivileges = Confinement.this.noNewPrivileges;
        private SeccompChoice seccomp = Confinement.this.seccomp;
        private String workingDirectory = Confinement.this.workingDirectory;
        private List<String> environment = Confinement.this.environment;

        private void becomeRoot() {
            user = 0;
            group = 0;
            groups = List.of(0);
        }

        private Confinement finished() {
            return new Confinement(
                    user,
                    group,
                    groups,
                    capabilities,
                    ambient,
                    isPrivileged,
                    noNewPrivileges,
                    seccomp,
                    limits,
                    oomScoreAdjustment,
                    label,
                    workingDirectory,
                    environment);
        }
    }
}
