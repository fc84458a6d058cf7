package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.LinuxIsolator;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.SELinuxOption;
import io.aestus.cri.v1.SecurityProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What containers ask of SELinux and AppArmor, as isolators.
 *
 * @param sys the {@code /sys} of the node
 */
record SecurityModules(Path sys) {
    static final SecurityModules OF_NODE = new SecurityModules(Path.of("/sys"));

    /** Which profile of AppArmor is the default, where the administrator has loaded one of that name. */
    static final String DEFAULT_PROFILE = "aestus-default";

    private static final String LOCAL = "localhost/";
    private static final String UNCONFINED = "unconfined";

    /**
     * The label of a container's programs. What a context leaves out is as the policies for containers have it. Without SELinux
     * there are no labels.
     *
     * @return empty if it asks for none: programs have then that of the agent, or what the policy makes of it
     */
    Optional<LinuxIsolator.SelinuxContext> selinux(SELinuxOption wanted) {
        if (wanted.equals(SELinuxOption.getDefaultInstance()) || !Files.exists(sys.resolve("fs/selinux/enforce"))) {
            return Optional.empty();
        }
        return Optional.of(new LinuxIsolator.SelinuxContext(
                part("user", wanted.getUser(), "system_u"),
                part("role", wanted.getRole(), "system_r"),
                part("type", wanted.getType(), "container_t"),
                level(wanted.getLevel())));
    }

    private static String part(String field, String text, String usual) {
        if (!text.isEmpty() && !text.matches("[A-Za-z0-9_.-]{1,255}")) {
            throw invalid("selinux_options." + field, Quoted.of(text) + " is no part of a label");
        }
        return text.isEmpty() ? usual : text;
    }

    private static String level(String text) {
        if (!text.isEmpty() && !text.matches("[A-Za-z0-9_.,:-]{1,255}")) {
            throw invalid("selinux_options.level", Quoted.of(text) + " is no level");
        }
        return text.isEmpty() ? "s0" : text;
    }

    /**
     * The profile of a container: the one it names, which must be loaded; the default one, if it is. Nothing confines what is privileged.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} for a named one on a node without AppArmor
     */
    @SuppressWarnings("deprecation") // older kubelets send the text alone
    Optional<LinuxIsolator.ApparmorProfile> apparmor(LinuxContainerSecurityContext wanted) {
        String text = wanted.getApparmorProfile();
        String named = wanted.hasApparmor() ? named(wanted.getApparmor()) : named(text);
        if (wanted.getPrivileged() || named.equals(UNCONFINED)) {
            return Optional.empty();
        }
        if (named.isEmpty()) {
            return Optional.of(DEFAULT_PROFILE).filter(this::isLoaded).map(LinuxIsolator.ApparmorProfile::new);
        }
        if (!hasApparmor()) {
            throw new AestusException(
                    Problem.UNSUPPORTED, "cannot create container: field apparmor: this host does not use AppArmor");
        }
        return Optional.of(new LinuxIsolator.ApparmorProfile(named));
    }

    /** Empty for the default. */
    private static String named(SecurityProfile profile) {
        return switch (profile.getProfileType()) {
            case RuntimeDefault, UNRECOGNIZED -> "";
            case Unconfined -> UNCONFINED;
            case Localhost -> profile.getLocalhostRef().replaceFirst("^" + LOCAL, "");
        };
    }

    /** As it was written before there was a message for it. */
    private static String named(String text) {
        return switch (text) {
            case "", "runtime/default", "docker/default" -> "";
            case UNCONFINED -> UNCONFINED;
            case String some when some.startsWith(LOCAL) -> some.substring(LOCAL.length());
            default -> throw invalid("apparmor_profile", Quoted.of(text) + " is no kind of profile");
        };
    }

    private boolean hasApparmor() {
        try {
            return Files.readString(sys.resolve("module/apparmor/parameters/enabled"))
                    .startsWith("Y");
        } catch (IOException _) {
            return false; // the kernel has none
        }
    }

    private boolean isLoaded(String profile) {
        if (!hasApparmor()) {
            return false;
        }
        try (Stream<String> loaded = Files.lines(sys.resolve("kernel/security/apparmor/profiles"))) {
            return loaded.anyMatch(line -> line.startsWith(profile + " ("));
        } catch (IOException _) {
            return false; // securityfs is not mounted: then nobody has loaded any
        }
    }

    private static AestusException invalid(String field, String why) {
        return new AestusException(Problem.INVALID, "cannot create container: field " + field + ": " + why);
    }
}
