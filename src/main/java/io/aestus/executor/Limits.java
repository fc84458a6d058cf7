package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.executor.IsolatorReport.Enforcement;
import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLimits;
import io.aestus.linux.DeviceRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What isolators ask of a cgroup, and what became of them. */
final class Limits {
    private static final long PERIOD_MICROS = 100_000;
    private static final long SHARES_PER_CORE = 1024;
    private static final long LEAST_SHARES = 2;
    private static final long LEAST_QUOTA_MICROS = 1000;

    /** What the kernel room calls the limits of {@link CgroupIsolator}. */
    private static final Pattern EXTRA = Pattern.compile("cpus|memory nodes|memory and swap|huge pages|[a-z]+\\.");

    private Limits() {}

    /** The limits that isolators name. */
    static CgroupLimits of(Isolators isolators) {
        return builder(isolators).build();
    }

    /** The same with the devices that an app may use. */
    static CgroupLimits of(Isolators isolators, AppOptions options) throws IOException {
        return builder(isolators).devices(devices(options)).build();
    }

    private static CgroupLimits.Builder builder(Isolators isolators) {
        var limits = CgroupLimits.builder();
        for (Isolator isolator : isolators.all()) {
            switch (isolator) {
                case ResourceIsolator.Memory memory -> {
                    memory.limit().map(Quantity::wholeUp).ifPresent(limits::memoryBytes);
                    memory.request().map(Quantity::wholeUp).ifPresent(limits::memoryReservationBytes);
                }
                case ResourceIsolator.Cpu cpu -> {
                    cpu.limit().ifPresent(limit -> {
                        limits.cpuQuotaMicros(Math.max(LEAST_QUOTA_MICROS, limit.milliUp() * PERIOD_MICROS / 1000));
                        limits.cpuPeriodMicros(PERIOD_MICROS);
                    });
                    cpu.request()
                            .ifPresent(request -> limits.cpuShares(
                                    Math.max(LEAST_SHARES, request.milliUp() * SHARES_PER_CORE / 1000)));
                }
                case LinuxIsolator.CpuShares shares -> limits.cpuShares(shares.shares());
                case ResourceIsolator.BlockBandwidth block ->
                    limits.blockBytesPerSecond(block.limit().wholeUp());
                case ResourceIsolator.BlockIops block ->
                    limits.blockOperationsPerSecond(block.limit().wholeUp());
                case Isolator.Unknown unknown -> processes(unknown).ifPresent(limits::processes);
                default -> {
                    // not a matter of cgroups
                }
            }
        }
        CgroupIsolator.in(isolators).addTo(limits);
        return limits;
    }

    /** The schema has no isolator for the number of processes; this one is ours. */
    private static Optional<Long> processes(Isolator.Unknown isolator) {
        return isolator.name().equals(PROCESSES_NAME)
                ? Optional.of(io.aestus.json.JsonView.of(isolator.value(), PROCESSES_NAME)
                        .required("limit")
                        .parsed(Quantity::parse)
                        .wholeUp())
                : Optional.empty();
    }

    static final String PROCESSES_NAME = "os/linux/processes";

    private static List<DeviceRule> devices(AppOptions options) throws IOException {
        if (options.privilege() == AppOptions.Privilege.PRIVILEGED) {
            return DeviceRule.EVERYTHING;
        }
        var rules = new ArrayList<>(DeviceRule.STANDARD);
        if (options.terminal() == AppOptions.Terminal.TTY) {
            rules.add(DeviceRule.CONSOLE);
        }
        HostDevice.of(options).forEach(device -> rules.add(device.rule()));
        return rules;
    }

    /** What became of an app's isolators, given what its cgroup could not do. */
    static List<IsolatorReport> report(
            Isolators isolators,
            List<Cgroup.Unenforced> unenforced,
            List<String> unknownGroups,
            CapabilitySet capabilities) {
        var reports = new ArrayList<IsolatorReport>();
        for (Isolator isolator : isolators.all()) {
            reports.add(
                    isolator instanceof LinuxIsolator.CapabilitiesRetainSet retain
                            ? report(retain, capabilities)
                            : report(isolator, unenforced, unknownGroups));
        }
        return reports;
    }

    /** What this process cannot give to another one, without CAP_SYS_RESOURCE. */
    static List<IsolatorReport> reportProcess(AppOptions options) {
        return options.rlimits().stream()
                .filter(limit -> !Confinement.isReachable(limit))
                .map(limit -> new IsolatorReport(
                        limit.name(), Enforcement.PARTLY, "without CAP_SYS_RESOURCE no more than this process has"))
                .toList();
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
                        "cannot start " + what + ": " + report.name() + " is not enforced, " + report.reason());
            }
        }
    }

    /** With the host's users no app has more than this process. */
    private static IsolatorReport report(LinuxIsolator.CapabilitiesRetainSet retain, CapabilitySet given) {
        String missing = retain.set().stream()
                .filter(name -> Capability.find(name).filter(given::contains).isEmpty())
                .collect(Collectors.joining(" "));
        return missing.isEmpty()
                ? IsolatorReport.enforced(retain.name())
                : new IsolatorReport(retain.name(), Enforcement.PARTLY, "this process has none of: " + missing);
    }

    private static IsolatorReport report(
            Isolator isolator, List<Cgroup.Unenforced> unenforced, List<String> unknownGroups) {
        String name = isolator.name();
        return switch (isolator) {
            case Isolator.Unknown _
            when name.equals(CgroupIsolator.NAME) ->
                unenforced.stream()
                        .filter(each -> EXTRA.matcher(each.limit()).lookingAt())
                        .findFirst()
                        .map(each -> new IsolatorReport(name, Enforcement.PARTLY, each.limit() + ": " + each.reason()))
                        .orElse(IsolatorReport.enforced(name));
            case Isolator.Unknown _ when !name.equals(PROCESSES_NAME) -> unsupported(name, "not known here");
            case ResourceIsolator.NetworkBandwidth _ -> unsupported(name, "networks are not limited here");
            case LinuxIsolator.SelinuxContext _ -> unsupported(name, "this host does not use SELinux");
            case LinuxIsolator.ApparmorProfile _ -> unsupported(name, "this host does not use AppArmor");
            case Isolator.Sysctl _ -> unsupported(name, "belongs to the pod, not to an app");
            case LinuxIsolator.OomScoreAdj score
            when HostProcess.reachableOomScore(score.score()) != score.score() ->
                new IsolatorReport(name, Enforcement.PARTLY, "without CAP_SYS_RESOURCE not below this process's own");
            case LinuxIsolator.Seccomp _
            when !unknownGroups.isEmpty() ->
                new IsolatorReport(name, Enforcement.PARTLY, "not known: " + String.join(" ", unknownGroups));
            default ->
                unenforced.stream()
                        .filter(each -> concerns(each.limit(), name))
                        .findFirst()
                        .map(each -> new IsolatorReport(name, Enforcement.PARTLY, each.limit() + ": " + each.reason()))
                        .orElse(IsolatorReport.enforced(name));
        };
    }

    /** Whether a limit as the kernel room calls it is the one that an isolator asks for: {@code memory}, {@code cpu shares}. */
    private static boolean concerns(String limit, String isolator) {
        String kind = isolator.substring(isolator.lastIndexOf('/') + 1).split("-", 2)[0];
        return limit.toLowerCase(Locale.ROOT).startsWith(kind);
    }

    private static IsolatorReport unsupported(String name, String reason) {
        return new IsolatorReport(name, Enforcement.UNSUPPORTED, reason);
    }

    /** The pod's own isolators bound all its apps together. */
    static List<IsolatorReport> reportPodIsolators(Isolators isolators, PodOptions options) {
        return isolators.all().stream()
                .map(isolator -> switch (isolator) {
                    case Isolator.Sysctl _ -> IsolatorReport.enforced(isolator.name());
                    case ResourceIsolator.Memory _, ResourceIsolator.Cpu _, LinuxIsolator.CpuShares _ ->
                        IsolatorReport.enforced(isolator.name());
                    case ResourceIsolator.NetworkBandwidth _
                    when PodConnections.areWanted(options) ->
                        new IsolatorReport(
                                isolator.name(),
                                IsolatorReport.Enforcement.PARTLY,
                                "by those of its networks that can limit it");
                    default -> unsupported(isolator.name(), "not for a whole pod");
                })
                .toList();
    }
}
