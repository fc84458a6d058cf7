package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.cri.v1.Capability;
import io.aestus.cri.v1.HugepageLimit;
import io.aestus.cri.v1.LinuxContainerConfig;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.executor.AppRights;
import io.aestus.executor.CgroupIsolator;
import io.aestus.executor.SeccompProfile;
import io.aestus.linux.CapabilitySet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Resources and security of a container as isolators, over those of its image, and as rights. */
final class Confinement {
    private static final String ALL = "ALL";
    private static final int LEAST_SHARES = 2;
    private static final int MOST_SHARES = 262144;
    private static final String LOCAL = "localhost/";
    private static final int LARGEST_PROFILE = 1 << 20;
    private static final SecurityModules MODULES = SecurityModules.OF_NODE;

    private Confinement() {}

    static Isolators of(LinuxContainerConfig config, Isolators image) {
        Isolators isolators = resources(config.getResources(), restraining(image));
        return security(config.getSecurityContext(), isolators);
    }

    /**
     * Of an image only what takes something away from its containers: else it would have powers that whoever judges pods never
     * saw asked for.
     */
    private static Isolators restraining(Isolators image) {
        return new Isolators(image.all().stream()
                .filter(isolator -> isolator instanceof ResourceIsolator
                        || isolator instanceof LinuxIsolator.CapabilitiesRetainSet
                        || isolator instanceof LinuxIsolator.CapabilitiesRemoveSet
                        || isolator instanceof LinuxIsolator.SeccompRemoveSet
                        || isolator instanceof LinuxIsolator.NoNewPrivileges)
                .map(isolator -> isolator instanceof LinuxIsolator.CapabilitiesRetainSet(List<String> names)
                        ? retaining(CapabilitySet.STANDARD.without(CapabilitySet.ALL.without(set(names))))
                        : isolator)
                .toList());
    }

    private static LinuxIsolator.CapabilitiesRetainSet retaining(CapabilitySet set) {
        return new LinuxIsolator.CapabilitiesRetainSet(
                set.members().stream().map(Object::toString).toList());
    }

    /** Zero means that nothing is asked. */
    static Isolators resources(LinuxContainerResources wanted, Isolators isolators) {
        Isolators result = isolators;
        if (wanted.getMemoryLimitInBytes() > 0) {
            result = result.with(ResourceIsolator.Memory.limit(Quantity.of(wanted.getMemoryLimitInBytes())));
        }
        if (wanted.getCpuQuota() > 0 && wanted.getCpuPeriod() > 0) {
            long thousandths = Math.max(1, wanted.getCpuQuota() * 1000 / wanted.getCpuPeriod());
            result = result.with(ResourceIsolator.Cpu.limit(Quantity.ofMilli(thousandths)));
        }
        if (wanted.getCpuShares() > 0) {
            result = result.with(
                    new LinuxIsolator.CpuShares(Math.clamp(wanted.getCpuShares(), LEAST_SHARES, MOST_SHARES)));
        }
        if (wanted.getOomScoreAdj() != 0) {
            result = result.with(new LinuxIsolator.OomScoreAdj((int) wanted.getOomScoreAdj()));
        }
        return withCgroup(wanted, result);
    }

    /** What is asked anew replaces what was asked before, the rest of it stays. */
    private static Isolators withCgroup(LinuxContainerResources wanted, Isolators isolators) {
        CgroupIsolator before = CgroupIsolator.in(isolators);
        Map<String, Long> pages = new HashMap<>(before.hugePages());
        wanted.getHugepageLimitsList().forEach(page -> pages.put(page.getPageSize(), page.getLimit()));
        Map<String, String> unified = new HashMap<>(before.unified());
        unified.putAll(wanted.getUnifiedMap());
        var after = new CgroupIsolator(
                text(wanted.getCpusetCpus()).or(before::cpus),
                text(wanted.getCpusetMems()).or(before::memoryNodes),
                wanted.getMemorySwapLimitInBytes() == 0
                        ? before.memoryAndSwapBytes()
                        : OptionalLong.of(wanted.getMemorySwapLimitInBytes()),
                pages,
                unified);
        return after.equals(before) ? isolators : isolators.with(after.toIsolator());
    }

    private static Optional<String> text(String text) {
        return Optional.of(text).filter(t -> !t.isEmpty());
    }

    private static Isolators security(LinuxContainerSecurityContext wanted, Isolators isolators) {
        Isolators result = isolators;
        Capability capabilities = wanted.getCapabilities();
        if (capabilities.getAddCapabilitiesCount() + capabilities.getDropCapabilitiesCount() > 0) {
            result = without(result, LinuxIsolator.CapabilitiesRemoveSet.class).with(retaining(wanted(capabilities)));
        }
        if (wanted.getNoNewPrivs()) {
            result = result.with(new LinuxIsolator.NoNewPrivileges(true));
        }
        Optional<LinuxIsolator.SelinuxContext> selinux = MODULES.selinux(wanted.getSelinuxOptions());
        if (selinux.isPresent()) {
            result = result.with(selinux.get());
        }
        Optional<LinuxIsolator.ApparmorProfile> apparmor = MODULES.apparmor(wanted);
        if (apparmor.isPresent()) {
            result = result.with(apparmor.get());
        }
        return seccomp(wanted, result);
    }

    /** Who says nothing gets no filter, as the interface has it, but that which the image wishes for; the kubelet always says. */
    private static Isolators seccomp(LinuxContainerSecurityContext wanted, Isolators isolators) {
        boolean restrainsItself =
                isolators.find(LinuxIsolator.SeccompRemoveSet.class).isPresent();
        if (!isUnconfined(wanted) && (!isSilent(wanted) || restrainsItself)) {
            return isolators;
        }
        return without(isolators, LinuxIsolator.SeccompRemoveSet.class)
                .with(new LinuxIsolator.SeccompRetainSet(
                        List.of(LinuxIsolator.SeccompRetainSet.ALL), Optional.empty()));
    }

    private static Isolators without(Isolators isolators, Class<?> type) {
        return new Isolators(
                isolators.all().stream().filter(i -> !type.isInstance(i)).toList());
    }

    /** In the kubelet's order: add ALL, drop ALL, then single ones added, then single ones dropped. */
    private static CapabilitySet wanted(Capability wanted) {
        CapabilitySet set = wanted.getAddCapabilitiesList().contains(ALL) ? CapabilitySet.ALL : CapabilitySet.STANDARD;
        if (wanted.getDropCapabilitiesList().contains(ALL)) {
            set = CapabilitySet.NONE;
        }
        return set.with(set(wanted.getAddCapabilitiesList())).without(set(wanted.getDropCapabilitiesList()));
    }

    private static CapabilitySet set(List<String> names) {
        return CapabilitySet.of(names.stream()
                .filter(name -> !name.equals(ALL))
                .map(Confinement::capability)
                .toList());
    }

    private static io.aestus.linux.Capability capability(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return io.aestus.linux.Capability.find(upper.startsWith("CAP_") ? upper : "CAP_" + upper)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID, "cannot set capabilities: " + Quoted.of(name) + " is not known"));
    }

    private static Optional<String> local(SecurityProfile profile) {
        return profile.getProfileType() == SecurityProfile.ProfileType.Localhost
                ? Optional.of(profile.getLocalhostRef().replaceFirst("^" + LOCAL, ""))
                : Optional.empty();
    }

    /** As it was written before there was a message for it. */
    private static Optional<String> local(String field, String text) {
        return switch (text) {
            case "", "unconfined", "runtime/default", "docker/default" -> Optional.empty();
            case String some when some.startsWith(LOCAL) -> Optional.of(some.substring(LOCAL.length()));
            default ->
                throw new AestusException(
                        Problem.INVALID,
                        "cannot create container: field " + field + ": " + Quoted.of(text) + " is no kind of profile");
        };
    }

    /** What the schema has no words for. */
    static AppRights rights(LinuxContainerSecurityContext wanted) {
        var groups =
                switch (wanted.getSupplementalGroupsPolicy()) {
                    case Merge -> AppRights.Groups.OF_IMAGE_TOO;
                    case Strict -> AppRights.Groups.NONE_ELSE;
                    case UNRECOGNIZED ->
                        throw new AestusException(
                                Problem.INVALID,
                                "cannot create container: field supplemental_groups_policy has an unknown value");
                };
        CapabilitySet ambient = set(wanted.getCapabilities().getAddAmbientCapabilitiesList());
        return new AppRights(
                groups,
                ambient.members().stream().map(Object::toString).toList(),
                localSeccomp(wanted).map(Confinement::profile));
    }

    @SuppressWarnings("deprecation") // as above
    private static Optional<String> localSeccomp(LinuxContainerSecurityContext wanted) {
        return wanted.hasSeccomp()
                ? local(wanted.getSeccomp())
                : local("seccomp_profile_path", wanted.getSeccompProfilePath());
    }

    private static SeccompProfile profile(String path) {
        Path file = Path.of(path);
        if (!file.isAbsolute()) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot use seccomp profile " + Quoted.of(path) + ": expected the absolute path of a file");
        }
        try {
            return SeccompProfile.read(YamlFile.bytes(file, LARGEST_PROFILE), "seccomp profile " + file);
        } catch (IOException e) {
            throw new AestusException(
                    Problem.INVALID, "cannot use seccomp profile " + Quoted.of(path) + ": it cannot be read", e);
        }
    }

    @SuppressWarnings("deprecation") // as above
    private static boolean isSilent(LinuxContainerSecurityContext wanted) {
        return !wanted.hasSeccomp() && wanted.getSeccompProfilePath().isEmpty();
    }

    @SuppressWarnings("deprecation") // as above
    private static boolean isUnconfined(LinuxContainerSecurityContext wanted) {
        return wanted.hasSeccomp()
                ? wanted.getSeccomp().getProfileType() == SecurityProfile.ProfileType.Unconfined
                : wanted.getSeccompProfilePath().equals("unconfined");
    }

    /** The limits that isolators set, as the kubelet compares them after a resize. */
    static LinuxContainerResources resourcesOf(Isolators isolators) {
        var resources = LinuxContainerResources.newBuilder();
        isolators
                .find(ResourceIsolator.Memory.class)
                .flatMap(ResourceIsolator.Memory::limit)
                .ifPresent(limit -> resources.setMemoryLimitInBytes(limit.wholeUp()));
        isolators
                .find(ResourceIsolator.Cpu.class)
                .flatMap(ResourceIsolator.Cpu::limit)
                .ifPresent(limit -> resources.setCpuPeriod(100_000).setCpuQuota(limit.milliUp() * 100));
        isolators.find(LinuxIsolator.CpuShares.class).ifPresent(shares -> resources.setCpuShares(shares.shares()));
        CgroupIsolator cgroup = CgroupIsolator.in(isolators);
        cgroup.cpus().ifPresent(resources::setCpusetCpus);
        cgroup.memoryNodes().ifPresent(resources::setCpusetMems);
        cgroup.memoryAndSwapBytes().ifPresent(resources::setMemorySwapLimitInBytes);
        cgroup.hugePages()
                .forEach((size, limit) -> resources.addHugepageLimits(
                        HugepageLimit.newBuilder().setPageSize(size).setLimit(limit)));
        resources.putAllUnified(cgroup.unified());
        isolators.find(LinuxIsolator.OomScoreAdj.class).ifPresent(adj -> resources.setOomScoreAdj(adj.score()));
        return resources.build();
    }
}
