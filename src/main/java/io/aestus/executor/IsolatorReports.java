package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.ResourceIsolator;
import io.aestus.executor.IsolatorReport.Enforcement;
import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Cgroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What became of isolators: each is enforced, partly so, or not at all, and then says why. Nothing is passed over in silence.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#isolators">appc: Isolators</a>
 */
final class IsolatorReports {
    /** What the kernel room calls the limits of {@link CgroupIsolator}. */
    private static final Pattern OF_CGROUP =
            Pattern.compile("cpus|memory nodes|memory and swap|huge pages|[a-z]+\\..*");

    private final SecurityLabels labels;

    IsolatorReports(SecurityLabels labels) {
        this.labels = labels;
    }

    /**
     * Refuses what is not wholly enforced, where the pod is strict.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED}, with the first that is not
     */
    static void requireAll(PodOptions options, List<IsolatorReport> reports, String what) {
        if (options.strictness() == PodOptions.Strictness.LENIENT) {
            return;
        }
        for (IsolatorReport report : reports) {
            if (report.enforcement() != Enforcement.ENFORCED) {
                throw new AestusException(
                                Problem.UNSUPPORTED,
                                "cannot start " + what + ": " + report.name() + " is not enforced, " + report.reason())
                        .withRemedy("without this isolator, or not strictly");
            }
        }
    }

    // --- of an app

    /**
     * What became of an app's isolators.
     *
     * @param unenforced what its cgroup could not do
     * @param unknownCalls groups of system calls that nobody knows
     * @param capabilities what it was given
     * @param pod the isolators of its pod
     */
    List<IsolatorReport> ofApp(
            Isolators app,
            Isolators pod,
            List<Cgroup.Unenforced> unenforced,
            List<String> unknownCalls,
            CapabilitySet capabilities) {
        var reports = new ArrayList<IsolatorReport>();
        for (Isolator isolator : app.all()) {
            reports.add(
                    switch (isolator) {
                        case LinuxIsolator.CapabilitiesRetainSet retain -> ofCapabilities(retain, capabilities);
                        case LinuxIsolator.Seccomp seccomp -> ofCalls(seccomp, unknownCalls);
                        case ResourceIsolator.Cpu cpu
                        when exceeds(cpu, pod) -> partly(cpu.name(), "no more than the pod has");
                        default -> of(isolator, unenforced);
                    });
        }
        return reports;
    }

    /** What became of limits that were changed while the app ran. */
    List<IsolatorReport> ofChange(Isolators limits, List<Cgroup.Unenforced> unenforced) {
        return ofApp(limits, Isolators.NONE, unenforced, List.of(), CapabilitySet.ALL);
    }

    private IsolatorReport of(Isolator isolator, List<Cgroup.Unenforced> unenforced) {
        String name = isolator.name();
        return switch (isolator) {
            case Isolator.Unknown _
            when name.equals(OwnIsolators.DEVICES) ->
                unsupported(name, "an image cannot ask for devices of the host, only a pod can");
            case Isolator.Unknown unknown when isRlimits(name) -> ofRlimits(unknown);
            case ResourceIsolator.NetworkBandwidth _ -> unsupported(name, "networks belong to the pod, not to an app");
            case Isolator.Sysctl _ -> unsupported(name, "belongs to the pod, not to an app");
            case LinuxIsolator.OomScoreAdj score
            when HostProcess.reachableOomScore(score.score()) != score.score() ->
                partly(name, "without CAP_SYS_RESOURCE not below this process's own");
            default -> ofEither(isolator, unenforced);
        };
    }

    private static boolean isRlimits(String name) {
        return name.equals(OwnIsolators.RLIMITS) || name.equals(OwnIsolators.NOFILE);
    }

    private static IsolatorReport ofRlimits(Isolator.Unknown isolator) {
        return OwnIsolators.in(Isolators.of(isolator)).rlimits().stream()
                .filter(limit -> !Confinement.isWithinOwn(limit))
                .findFirst()
                .map(limit -> partly(isolator.name(), limit.name() + ": no more than this process has"))
                .orElse(IsolatorReport.enforced(isolator.name()));
    }

    private static boolean exceeds(ResourceIsolator.Cpu app, Isolators pod) {
        var most = pod.find(ResourceIsolator.Cpu.class).flatMap(ResourceIsolator.Cpu::limit);
        return most.isPresent() && app.limit().isPresent() && app.limit().get().compareTo(most.get()) > 0;
    }

    /** With the host's users no app has more than this process. */
    private static IsolatorReport ofCapabilities(LinuxIsolator.CapabilitiesRetainSet retain, CapabilitySet given) {
        String missing = retain.set().stream()
                .filter(name -> Capability.find(name).filter(given::contains).isEmpty())
                .collect(Collectors.joining(" "));
        return missing.isEmpty()
                ? IsolatorReport.enforced(retain.name())
                : partly(retain.name(), "this process has none of: " + missing);
    }

    private static IsolatorReport ofCalls(LinuxIsolator.Seccomp seccomp, List<String> unknown) {
        return unknown.isEmpty()
                ? IsolatorReport.enforced(seccomp.name())
                : partly(seccomp.name(), "not known: " + String.join(" ", unknown));
    }

    /** What this process cannot give to another one, without CAP_SYS_RESOURCE. */
    static List<IsolatorReport> ofOptions(AppOptions options) {
        return options.rlimits().stream()
                .filter(limit -> !Confinement.isReachable(limit))
                .map(limit -> partly(limit.name(), "without CAP_SYS_RESOURCE no more than this process has"))
                .toList();
    }

    // --- of a pod

    /**
     * What became of a pod's isolators, which bound all its apps together.
     *
     * @param unenforced what its cgroup could not do
     * @param unlimited its networks that limit no bandwidth
     */
    List<IsolatorReport> ofPod(
            Isolators pod, PodOptions options, List<Cgroup.Unenforced> unenforced, List<String> unlimited) {
        var reports = new ArrayList<IsolatorReport>();
        for (Isolator isolator : pod.all()) {
            reports.add(
                    switch (isolator) {
                        case Isolator.Sysctl _ -> IsolatorReport.enforced(isolator.name());
                        case ResourceIsolator.NetworkBandwidth bandwidth -> ofNetworks(bandwidth, options, unlimited);
                        case Isolator.Unknown unknown
                        when unknown.name().equals(OwnIsolators.DEVICES) -> IsolatorReport.enforced(unknown.name());
                        case Isolator.Unknown unknown
                        when isRlimits(unknown.name()) ->
                            unsupported(unknown.name(), "limits each process of an app, not a whole pod");
                        case LinuxIsolator.CapabilitiesRetainSet _,
                                LinuxIsolator.CapabilitiesRemoveSet _,
                                LinuxIsolator.Seccomp _,
                                LinuxIsolator.NoNewPrivileges _,
                                LinuxIsolator.OomScoreAdj _ ->
                            unsupported(isolator.name(), "belongs to an app, not to a whole pod");
                        default -> ofEither(isolator, unenforced);
                    });
        }
        return reports;
    }

    private static IsolatorReport ofNetworks(
            ResourceIsolator.NetworkBandwidth bandwidth, PodOptions options, List<String> unlimited) {
        return switch (options.network()) {
            case HOST -> unsupported(bandwidth.name(), "the pod is in the host's network");
            case NONE -> IsolatorReport.enforced(bandwidth.name()); // it has a loopback alone, which is not meant
            case POD ->
                unlimited.isEmpty()
                        ? IsolatorReport.enforced(bandwidth.name())
                        : partly(bandwidth.name(), "not in " + String.join(" ", unlimited));
        };
    }

    // --- of both

    private IsolatorReport ofEither(Isolator isolator, List<Cgroup.Unenforced> unenforced) {
        String name = isolator.name();
        return switch (isolator) {
            case ResourceIsolator.Memory memory ->
                ofLimits(
                        name,
                        unenforced,
                        memory.limit().isPresent() ? "memory"::equals : "memory request"::equals,
                        limit -> limit.equals("memory") || limit.equals("memory request"));
            case ResourceIsolator.Cpu _ -> ofLimits(name, unenforced, "cpu quota"::equals, "cpu shares"::equals);
            case LinuxIsolator.CpuShares _ -> ofLimits(name, unenforced, "cpu shares"::equals);
            case ResourceIsolator.BlockBandwidth _ -> ofLimits(name, unenforced, "block bandwidth"::equals);
            case ResourceIsolator.BlockIops _ -> ofLimits(name, unenforced, "block operations"::equals);
            case LinuxIsolator.SelinuxContext selinux -> labels.report(selinux);
            case LinuxIsolator.ApparmorProfile profile -> labels.report(profile);
            case Isolator.Unknown _ ->
                switch (name) {
                    case OwnIsolators.PIDS -> ofLimits(name, unenforced, "processes"::equals);
                    case OwnIsolators.HUGE_PAGES -> ofLimits(name, unenforced, "huge pages"::equals);
                    case OwnIsolators.CPUSET -> ofLimits(name, unenforced, "cpus"::equals, "memory nodes"::equals);
                    case CgroupIsolator.NAME ->
                        ofLimits(name, unenforced, _ -> false, limit -> OF_CGROUP
                                .matcher(limit)
                                .matches());
                    default -> unsupported(name, "not known here");
                };
            default -> IsolatorReport.enforced(name);
        };
    }

    private static IsolatorReport ofLimits(
            String name, List<Cgroup.Unenforced> unenforced, Predicate<String> essential) {
        return ofLimits(name, unenforced, essential, _ -> false);
    }

    private static IsolatorReport ofLimits(
            String name,
            List<Cgroup.Unenforced> unenforced,
            Predicate<String> essential,
            Predicate<String> additional) {
        Optional<Cgroup.Unenforced> missing = first(unenforced, essential);
        if (missing.isPresent()) {
            return unsupported(name, reason(missing.get()));
        }
        return first(unenforced, additional)
                .map(each -> partly(name, reason(each)))
                .orElse(IsolatorReport.enforced(name));
    }

    private static Optional<Cgroup.Unenforced> first(List<Cgroup.Unenforced> unenforced, Predicate<String> which) {
        return unenforced.stream().filter(each -> which.test(each.limit())).findFirst();
    }

    private static String reason(Cgroup.Unenforced limit) {
        return limit.limit() + ": " + limit.reason();
    }

    private static IsolatorReport partly(String name, String reason) {
        return new IsolatorReport(name, Enforcement.PARTLY, reason);
    }

    private static IsolatorReport unsupported(String name, String reason) {
        return new IsolatorReport(name, Enforcement.UNSUPPORTED, reason);
    }
}
