package io.aestus.linux;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** This host lets no user namespace be made. */
public final class UserNamespaceException extends SyscallException {
    private static final long serialVersionUID = 1L;

    private UserNamespaceException(int errno) {
        super("make a user namespace", errno);
    }

    /**
     * Tries it: has a process be born into one, and ends it.
     *
     * @return EPERM where that is forbidden, EINVAL where the kernel has none, ENOSPC where there are as many as there may be;
     *     empty if one can be made, or if no process can be started at all
     */
    public static Optional<UserNamespaceException> probe() throws IOException {
        try (Fd image = FirstProcess.image();
                var child = new ChildProgram()) {
            child.closeOnExecFrom(0);
            child.rights().endWithAgent();
            child.execute(child.owns(image.duplicate()), List.of("aestus-probe"), List.of());
            try (var launch = new Launch(child, LaunchOptions.PLAIN.withNamespaces(EnumSet.of(Namespace.USER)));
                    ChildProcess process = launch.run()) {
                process.pidfd().signal(Signal.SIGKILL);
                process.pidfd().reap();
            }
            return Optional.empty();
        } catch (LaunchException e) {
            return e.isOfBirth() ? of(e.errno()) : Optional.empty();
        } catch (SyscallException _) {
            return Optional.empty(); // something else is missing, which is said elsewhere
        }
    }

    private static Optional<UserNamespaceException> of(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EINVAL, Errno.ENOSPC, Errno.EUSERS ->
                Optional.of(new UserNamespaceException(errno));
            default -> Optional.empty();
        };
    }
}
