package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Labels by which a security module of the kernel confines a program: a context of SELinux, a profile of AppArmor. A child
 * writes one before its exec, which takes it on.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_attr.5.html">proc_pid_attr(5)</a>
 */
final class SecurityLabels {
    /** What a child writes, and to which of its own files in {@code /proc}. */
    record Label(String file, String text) {
        JsonObject toJson() {
            return JsonObject.builder().put("file", file).put("text", text).build();
        }

        static Label read(JsonView json) {
            return new Label(
                    json.required("file").string(), json.required("text").string());
        }
    }

    private static final String SELINUX = "fs/selinux/enforce";
    private static final String APPARMOR = "module/apparmor/parameters/enabled";
    private static final String PROFILES = "kernel/security/apparmor/profiles";

    private final Path sys;

    private SecurityLabels(Path sys) {
        this.sys = sys;
    }

    /** By the security modules of a host whose {@code /sys} this is. Nothing is read yet. */
    static SecurityLabels in(Path sys) {
        return new SecurityLabels(sys);
    }

    static SecurityLabels ofHost() {
        return in(Path.of("/sys"));
    }

    /**
     * The label that an app is to have: what it says itself, else what its pod says. Empty where nothing is asked, or where
     * the host has no such module.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} for a profile that is not loaded
     */
    Optional<Label> of(Isolators app, Isolators pod) {
        return selinux(app, pod).or(() -> apparmor(app, pod));
    }

    private Optional<Label> selinux(Isolators app, Isolators pod) {
        return context(app, pod).map(context -> new Label("attr/exec", context.label()));
    }

    /** The label that an app's files are to have, of which its programs have the level: as the policies for containers have it. */
    Optional<String> ofFiles(Isolators app, Isolators pod) {
        return context(app, pod).map(context -> "system_u:object_r:container_file_t:" + context.level());
    }

    private Optional<LinuxIsolator.SelinuxContext> context(Isolators app, Isolators pod) {
        return app.find(LinuxIsolator.SelinuxContext.class)
                .or(() -> pod.find(LinuxIsolator.SelinuxContext.class))
                .filter(_ -> hasSelinux());
    }

    private Optional<Label> apparmor(Isolators app, Isolators pod) {
        Optional<String> profile = app.find(LinuxIsolator.ApparmorProfile.class)
                .or(() -> pod.find(LinuxIsolator.ApparmorProfile.class))
                .filter(_ -> hasApparmor())
                .map(LinuxIsolator.ApparmorProfile::profile);
        profile.ifPresent(this::requireLoaded);
        return profile.map(name -> new Label("attr/apparmor/exec", "exec " + name));
    }

    private void requireLoaded(String profile) {
        if (profile.equals("unconfined")) {
            return;
        }
        try (var loaded = Files.lines(sys.resolve(PROFILES))) {
            if (loaded.noneMatch(line -> line.startsWith(profile + " ("))) {
                throw new AestusException(
                                Problem.NOT_FOUND,
                                "cannot confine the app: no AppArmor profile " + Quoted.of(profile) + " is loaded")
                        .withRemedy("apparmor_parser --add FILE");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read which AppArmor profiles are loaded", e);
        }
    }

    IsolatorReport report(LinuxIsolator.SelinuxContext context) {
        return hasSelinux()
                ? IsolatorReport.enforced(context.name())
                : unsupported(context.name(), "this host does not use SELinux");
    }

    IsolatorReport report(LinuxIsolator.ApparmorProfile profile) {
        return hasApparmor()
                ? IsolatorReport.enforced(profile.name())
                : unsupported(profile.name(), "this host does not use AppArmor");
    }

    private static IsolatorReport unsupported(String name, String reason) {
        return new IsolatorReport(name, IsolatorReport.Enforcement.UNSUPPORTED, reason);
    }

    private boolean hasSelinux() {
        return Files.exists(sys.resolve(SELINUX));
    }

    private boolean hasApparmor() {
        try {
            return Files.readString(sys.resolve(APPARMOR)).startsWith("Y");
        } catch (IOException _) {
            return false; // the kernel has none
        }
    }
}
