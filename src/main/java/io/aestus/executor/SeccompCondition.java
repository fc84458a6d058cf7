package io.aestus.executor;

import io.aestus.json.JsonView;
import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.KernelVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a rule of a seccomp profile counts: {@code includes} and {@code excludes}, which profiles for container engines have beyond
 * the form of OCI runtimes.
 *
 * @param capabilities of the program
 * @param architectures what this machine is called
 * @see <a href="https://github.com/containers/common/blob/main/pkg/seccomp/types.go">what engines know of it</a>
 */
record SeccompCondition(CapabilitySet capabilities, Set<String> architectures, KernelVersion kernel) {
    private static final Set<String> KNOWN = Set.of("caps", "arches", "minKernel");

    static SeccompCondition ofHost(CapabilitySet capabilities) {
        Set<String> names = System.getProperty("os.arch", "").equals("aarch64")
                ? Set.of("arm64", "aarch64")
                : Set.of("amd64", "x86_64");
        return new SeccompCondition(capabilities, names, KernelVersion.parse(System.getProperty("os.version", "")));
    }

    /** Whether an entry counts: all that it includes is so, and nothing that it excludes. */
    boolean admits(JsonView entry) {
        Optional<JsonView> includes = entry.optional("includes");
        Optional<JsonView> excludes = entry.optional("excludes");
        boolean isIncluded = includes.isEmpty() || isSo(includes.get(), true);
        return !(excludes.isPresent() && isSo(excludes.get(), false)) && isIncluded;
    }

    /** @param all whether everything that is said has to be so, else anything */
    private boolean isSo(JsonView said, boolean all) {
        said.fields().forEach((name, value) -> {
            if (!KNOWN.contains(name)) {
                throw value.failure("no such condition is known");
            }
        });
        CapabilitySet wanted = CapabilitySet.of(said.list("caps", SeccompCondition::capability));
        List<String> arches = said.strings("arches");
        Optional<KernelVersion> least = said.optional("minKernel").map(SeccompCondition::version);
        boolean hasAll = capabilities.members().containsAll(wanted.members());
        boolean hasAny = wanted.members().stream().anyMatch(capabilities.members()::contains);
        boolean isArch = arches.stream().anyMatch(architectures::contains);
        boolean isKernel = least.map(version -> kernel.compareTo(version) >= 0).orElse(all);
        return all ? hasAll && (arches.isEmpty() || isArch) && isKernel : hasAny || isArch || isKernel;
    }

    private static Capability capability(JsonView name) {
        return Capability.find(name.string()).orElseThrow(() -> name.failure("no such capability is known"));
    }

    private static KernelVersion version(JsonView text) {
        try {
            return KernelVersion.parse(text.string());
        } catch (IllegalArgumentException _) {
            throw text.failure("must be a version such as 4.8");
        }
    }
}
