package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.LinuxIsolator.ApparmorProfile;
import io.aestus.appc.LinuxIsolator.SelinuxContext;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.SELinuxOption;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.cri.v1.SecurityProfile.ProfileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of labels and profiles on nodes with and without what enforces them. */
class SecurityModulesTest {
    @TempDir
    Path sys;

    private SecurityModules modules;

    @BeforeEach
    void open() {
        modules = new SecurityModules(sys);
    }

    private void with(String file, String text) throws IOException {
        Path path = sys.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static LinuxContainerSecurityContext.Builder profile(ProfileType type, String name) {
        return LinuxContainerSecurityContext.newBuilder()
                .setApparmor(SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(name));
    }

    private Optional<ApparmorProfile> apparmor(LinuxContainerSecurityContext.Builder context) {
        return modules.apparmor(context.build());
    }

    @Test
    void without_selinux_there_are_no_labels() {
        assertEquals(
                Optional.empty(),
                modules.selinux(SELinuxOption.newBuilder().setType("web_t").build()));
    }

    @Test
    void what_a_label_leaves_out_is_as_usual() throws IOException {
        with("fs/selinux/enforce", "1");
        assertEquals(Optional.empty(), modules.selinux(SELinuxOption.getDefaultInstance()));
        assertEquals(
                Optional.of(new SelinuxContext("system_u", "system_r", "container_t", "s0:c1,c2")),
                modules.selinux(SELinuxOption.newBuilder().setLevel("s0:c1,c2").build()));
        assertEquals(
                Optional.of(new SelinuxContext("u", "r", "web_t", "s0")),
                modules.selinux(SELinuxOption.newBuilder()
                        .setUser("u")
                        .setRole("r")
                        .setType("web_t")
                        .build()));
        var odd = SELinuxOption.newBuilder().setType("web_t:s0").build();
        var refused = assertThrows(AestusException.class, () -> modules.selinux(odd));
        assertEquals(Problem.INVALID, refused.problem());
        assertTrue(refused.message().contains("selinux_options.type"), refused.message());
    }

    @Test
    void without_apparmor_only_a_named_profile_is_refused() {
        assertEquals(Optional.empty(), apparmor(profile(ProfileType.RuntimeDefault, "")));
        assertEquals(Optional.empty(), apparmor(profile(ProfileType.Unconfined, "")));
        assertEquals(Optional.empty(), apparmor(LinuxContainerSecurityContext.newBuilder()));
        var refused = assertThrows(AestusException.class, () -> apparmor(profile(ProfileType.Localhost, "web")));
        assertEquals(Problem.UNSUPPORTED, refused.problem());
    }

    @Test
    void the_default_profile_is_the_one_that_was_loaded() throws IOException {
        with("module/apparmor/parameters/enabled", "Y\n");
        assertEquals(Optional.empty(), apparmor(profile(ProfileType.RuntimeDefault, "")), "none is loaded");
        with("kernel/security/apparmor/profiles", "aestus-default-2 (enforce)\n");
        assertEquals(Optional.empty(), apparmor(profile(ProfileType.RuntimeDefault, "")), "another is loaded");
        with("kernel/security/apparmor/profiles", "web (complain)\naestus-default (enforce)\n");
        var usual = Optional.of(new ApparmorProfile("aestus-default"));
        assertEquals(usual, apparmor(profile(ProfileType.RuntimeDefault, "")));
        assertEquals(usual, apparmor(LinuxContainerSecurityContext.newBuilder()));
        assertEquals(Optional.empty(), apparmor(profile(ProfileType.Unconfined, "")));
        assertEquals(
                Optional.empty(),
                apparmor(profile(ProfileType.RuntimeDefault, "").setPrivileged(true)));
        assertEquals(
                Optional.of(new ApparmorProfile("web")), apparmor(profile(ProfileType.Localhost, "localhost/web")));
    }
}
