package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.cri.v1.Capability;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.HugepageLimit;
import io.aestus.cri.v1.Int64Value;
import io.aestus.cri.v1.LinuxContainerConfig;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.cri.v1.Signal;
import io.aestus.cri.v1.SupplementalGroupsPolicy;
import io.aestus.cri.v1.WindowsContainerConfig;
import io.aestus.executor.AppOptions;
import io.aestus.executor.CgroupIsolator;
import io.aestus.executor.PodOptions;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container may ask: each field is honoured or refused by its name, and documented. */
class ConfigFieldsTest {
    private static final StoredImage IMAGE = FakeImages.image(
            "example.com/app",
            "1",
            App.running(List.of("/bin/app")).supplementaryGids(List.of(7L)).build());

    private static App toApp(ContainerConfig.Builder config) {
        return toApp(config, IMAGE);
    }

    private static App toApp(ContainerConfig.Builder config, StoredImage image) {
        var named = config.setMetadata(ContainerMetadata.newBuilder().setName("app"));
        return Containers.toApp(named.build(), image, Surroundings.of(PodOptions.UserNamespace.HOST, new FakeImages()))
                .app()
                .app()
                .orElseThrow();
    }

    private static ContainerConfig.Builder secured(LinuxContainerSecurityContext.Builder context) {
        return ContainerConfig.newBuilder()
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(context));
    }

    private static ContainerConfig.Builder limited(LinuxContainerResources resources) {
        return ContainerConfig.newBuilder()
                .setLinux(LinuxContainerConfig.newBuilder().setResources(resources));
    }

    private static void assertRefused(Problem problem, String naming, ContainerConfig.Builder config) {
        var refused = assertThrows(AestusException.class, () -> toApp(config));
        assertEquals(problem, refused.problem());
        assertTrue(refused.message().contains(naming), refused.message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LinuxContainerResources",
                "LinuxContainerSecurityContext",
                "ContainerConfig",
                "Capability",
                "Mount",
                "Device",
                "SecurityProfile",
                "PodSandboxConfig",
                "LinuxPodSandboxConfig",
                "LinuxSandboxSecurityContext",
                "NamespaceOption",
                "UserNamespace",
                "DNSConfig",
                "PortMapping"
            })
    void every_field_is_documented(String message) throws Exception {
        String documented = Files.readString(Path.of("docs/cri.md"));
        Descriptor descriptor = ContainerConfig.getDescriptor().getFile().findMessageTypeByName(message);
        List<String> missing = descriptor.getFields().stream()
                .map(FieldDescriptor::getName)
                .filter(name -> !documented.contains("`" + name + "`"))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void limits_without_a_word_in_the_schema_reach_the_cgroup_and_come_back() {
        var resources = LinuxContainerResources.newBuilder()
                .setCpusetCpus("0-1,3")
                .setCpusetMems("0")
                .setMemorySwapLimitInBytes(64 << 20)
                .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 << 20))
                .putUnified("memory.oom.group", "1")
                .build();
        Isolators isolators = toApp(limited(resources)).isolators();
        assertEquals(
                new CgroupIsolator(
                        Optional.of("0-1,3"),
                        Optional.of("0"),
                        OptionalLong.of(64 << 20),
                        Map.of("2MB", 4L << 20),
                        Map.of("memory.oom.group", "1")),
                CgroupIsolator.in(isolators));
        assertEquals(resources, Confinement.resourcesOf(isolators));
    }

    @Test
    void a_resize_keeps_what_it_does_not_name() {
        Isolators before = Confinement.resources(
                LinuxContainerResources.newBuilder()
                        .setCpusetCpus("0")
                        .putUnified("memory.high", "1")
                        .build(),
                Isolators.NONE);
        Isolators after = Confinement.resources(
                LinuxContainerResources.newBuilder()
                        .putUnified("memory.oom.group", "1")
                        .build(),
                before);
        assertEquals(Optional.of("0"), CgroupIsolator.in(after).cpus());
        assertEquals(
                Map.of("memory.high", "1", "memory.oom.group", "1"),
                CgroupIsolator.in(after).unified());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../memory.max", "cgroup.procs", "cgroup.kill", "memory.max/../../x", "memory"})
    void only_files_of_limits_can_be_written(String file) {
        assertRefused(
                Problem.INVALID,
                file,
                limited(LinuxContainerResources.newBuilder()
                        .putUnified(file, "1")
                        .build()));
    }

    @Test
    void a_cpuset_is_a_list_of_numbers() {
        assertRefused(
                Problem.INVALID,
                "processors",
                limited(LinuxContainerResources.newBuilder()
                        .setCpusetCpus("all")
                        .build()));
    }

    @Test
    void groups_are_the_images_too_unless_the_policy_is_strict() {
        var context = LinuxContainerSecurityContext.newBuilder().addSupplementalGroups(5);
        assertEquals(List.of(7L, 5L), toApp(secured(context)).supplementaryGids());
        context.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict);
        assertEquals(List.of(5L), toApp(secured(context)).supplementaryGids());
    }

    @Test
    void who_is_given_as_a_user_alone_is_in_that_users_group() {
        var context = LinuxContainerSecurityContext.newBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(1000));
        assertEquals(App.GROUP_OF_USER, toApp(secured(context)).group());
        context.setRunAsGroup(Int64Value.newBuilder().setValue(5));
        assertEquals("5", toApp(secured(context)).group());
        assertEquals(
                App.GROUP_OF_USER,
                toApp(secured(LinuxContainerSecurityContext.newBuilder().setRunAsUsername("web")))
                        .group());
        assertRefused(
                Problem.INVALID,
                "no user",
                secured(LinuxContainerSecurityContext.newBuilder()
                        .setRunAsGroup(Int64Value.newBuilder().setValue(5))));
    }

    @Test
    void what_cannot_be_confined_as_asked_is_refused_by_name() {
        assertRefused(
                Problem.INVALID,
                "FLY",
                secured(LinuxContainerSecurityContext.newBuilder()
                        .setCapabilities(Capability.newBuilder().addAddAmbientCapabilities("FLY"))));
        assertRefused(
                Problem.INVALID,
                "/nonesuch.json: there is no such file",
                secured(LinuxContainerSecurityContext.newBuilder()
                        .setSeccomp(SecurityProfile.newBuilder()
                                .setProfileType(SecurityProfile.ProfileType.Localhost)
                                .setLocalhostRef("/nonesuch.json"))));
        assertRefused(
                Problem.INVALID,
                "absolute path",
                secured(LinuxContainerSecurityContext.newBuilder()
                        .setSeccomp(SecurityProfile.newBuilder()
                                .setProfileType(SecurityProfile.ProfileType.Localhost)
                                .setLocalhostRef("profile.json"))));
    }

    @Test
    void a_profile_of_apparmor_is_named_where_the_host_has_it_and_refused_elsewhere() throws IOException {
        var context = LinuxContainerSecurityContext.newBuilder()
                .setApparmor(SecurityProfile.newBuilder()
                        .setProfileType(SecurityProfile.ProfileType.Localhost)
                        .setLocalhostRef("localhost/web"));
        Path enabled = Path.of("/sys/module/apparmor/parameters/enabled");
        if (Files.exists(enabled) && Files.readString(enabled).startsWith("Y")) {
            var profile = toApp(secured(context)).isolators().find(LinuxIsolator.ApparmorProfile.class);
            assertEquals(Optional.of(new LinuxIsolator.ApparmorProfile("web")), profile);
        } else {
            assertRefused(Problem.UNSUPPORTED, "apparmor", secured(context));
        }
        context.setPrivileged(true);
        assertEquals(Optional.empty(), toApp(secured(context)).isolators().find(LinuxIsolator.ApparmorProfile.class));
    }

    /** Its author is not whom a cluster's policies judge. */
    @Test
    void an_image_gives_its_containers_no_powers() {
        var greedy = FakeImages.image(
                "example.com/greedy",
                "1",
                App.running(List.of("/bin/app"))
                        .isolators(Isolators.of(
                                new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_SYS_ADMIN", "CAP_KILL")),
                                new LinuxIsolator.SeccompRetainSet(
                                        List.of(LinuxIsolator.SeccompRetainSet.ALL), Optional.empty()),
                                new LinuxIsolator.OomScoreAdj(-1000)))
                        .build());
        var usual = LinuxContainerSecurityContext.newBuilder().setSeccomp(SecurityProfile.getDefaultInstance());
        Isolators isolators = toApp(secured(usual), greedy).isolators();
        assertEquals(Isolators.of(new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_KILL"))), isolators);
    }

    /** As the interface has it; the image may still take calls away from its own. */
    @Test
    void who_names_no_filter_of_calls_gets_none_but_that_of_the_image() {
        var unfiltered =
                new LinuxIsolator.SeccompRetainSet(List.of(LinuxIsolator.SeccompRetainSet.ALL), Optional.empty());
        var silent = LinuxContainerSecurityContext.getDefaultInstance();
        assertEquals(
                Isolators.of(unfiltered), toApp(secured(silent.toBuilder())).isolators());
        var fewer = new LinuxIsolator.SeccompRemoveSet(List.of("chroot"), Optional.empty());
        var careful = FakeImages.image(
                "example.com/careful",
                "1",
                App.running(List.of("/bin/app")).isolators(Isolators.of(fewer)).build());
        assertEquals(
                Isolators.of(fewer), toApp(secured(silent.toBuilder()), careful).isolators());
        var unconfined = silent.toBuilder()
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.Unconfined));
        assertEquals(
                Isolators.of(unfiltered), toApp(secured(unconfined), careful).isolators());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
    void every_signal_of_the_interface_is_known(Signal signal) {
        if (signal != Signal.RUNTIME_DEFAULT) {
            var options = AppOptions.DEFAULT.withStopSignal(StopSignals.name(signal));
            assertEquals(
                    io.aestus.linux.Signal.parse(StopSignals.name(signal)).orElseThrow(),
                    io.aestus.linux.Signal.parse(StopSignals.name(StopSignals.of(options)))
                            .orElseThrow()); // some have two names
        }
        assertEquals(Signal.SIGTERM, StopSignals.of(AppOptions.DEFAULT));
    }

    @Test
    void what_is_not_for_this_host_is_refused_by_name() {
        assertRefused(
                Problem.INVALID,
                "windows",
                ContainerConfig.newBuilder().setWindows(WindowsContainerConfig.getDefaultInstance()));
        assertRefused(
                Problem.INVALID,
                "image_sub_path",
                ContainerConfig.newBuilder()
                        .addMounts(Mount.newBuilder().setHostPath("/tmp").setImageSubPath("x")));
    }
}
