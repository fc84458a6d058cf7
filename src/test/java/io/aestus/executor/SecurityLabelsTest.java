package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator.ApparmorProfile;
import io.aestus.appc.LinuxIsolator.SelinuxContext;
import io.aestus.executor.IsolatorReport.Enforcement;
import io.aestus.executor.SecurityLabels.Label;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which label a program takes on, on hosts with and without security modules. */
class SecurityLabelsTest {
    private static final Isolators APP = Isolators.of(new SelinuxContext("u", "r", "app_t", "s0"));
    private static final Isolators POD = Isolators.of(new SelinuxContext("u", "r", "pod_t", "s0"));
    private static final Isolators PROFILE = Isolators.of(new ApparmorProfile("web"));

    @TempDir
    Path sys;

    private void with(String file, String text) throws IOException {
        Path path = sys.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void without_a_module_nothing_is_written_and_the_report_says_so() {
        var labels = SecurityLabels.in(sys);
        assertEquals(Optional.empty(), labels.of(APP, POD));
        assertEquals(Optional.empty(), labels.ofFiles(APP, POD));
        assertEquals(Optional.empty(), labels.of(PROFILE, PROFILE));
        assertEquals(
                Enforcement.UNSUPPORTED,
                labels.report(new ApparmorProfile("web")).enforcement());
    }

    @Test
    void an_apps_context_counts_before_its_pods() throws IOException {
        with("fs/selinux/enforce", "1");
        var labels = SecurityLabels.in(sys);
        assertEquals(Optional.of("system_u:object_r:container_file_t:s0"), labels.ofFiles(APP, POD));
        assertEquals(Optional.empty(), labels.ofFiles(Isolators.NONE, Isolators.NONE));
        assertEquals(Optional.of(new Label("attr/exec", "u:r:app_t:s0")), labels.of(APP, POD));
        assertEquals(Optional.of(new Label("attr/exec", "u:r:pod_t:s0")), labels.of(Isolators.NONE, POD));
        assertEquals(
                Enforcement.ENFORCED,
                labels.report(new SelinuxContext("u", "r", "t", "s0")).enforcement());
    }

    @Test
    void a_profile_must_be_loaded() throws IOException {
        with("module/apparmor/parameters/enabled", "Y\n");
        with("kernel/security/apparmor/profiles", "webmail (enforce)\nweb (complain)\n");
        var labels = SecurityLabels.in(sys);
        assertEquals(Optional.of(new Label("attr/apparmor/exec", "exec web")), labels.of(PROFILE, Isolators.NONE));
        var other = Isolators.of(new ApparmorProfile("mail"));
        var refused = assertThrows(AestusException.class, () -> labels.of(other, Isolators.NONE));
        assertEquals("cannot confine the app: no AppArmor profile 'mail' is loaded", refused.message());
    }
}
