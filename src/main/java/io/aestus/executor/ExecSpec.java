package io.aestus.executor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A further process in a running app, confined exactly as the app itself unless it asks for more.
 *
 * @param command the program and its arguments; a name without a slash is looked for in the app's PATH
 * @param environment on top of the app's
 * @param workingDirectory empty for the app's
 * @param terminal whether its streams are a terminal: then all output is on its stdout
 * @param stdin whether it can be written to; CLOSED gives it {@code /dev/null}
 * @param privilege whether it is the pod's root with all capabilities and calls, whatever the app is; still in the app's
 *     namespaces and cgroup
 */
public record ExecSpec(
        List<String> command,
        Map<String, String> environment,
        Optional<String> workingDirectory,
        AppOptions.Terminal terminal,
        AppOptions.Stdin stdin,
        AppOptions.Privilege privilege) {
    public ExecSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        if (command.isEmpty()) throw new IllegalArgumentException("no command");
    }

    /** Pipes for output, nothing to read. */
    public static ExecSpec of(List<String> command) {
        return new ExecSpec(
                command,
                Map.of(),
                Optional.empty(),
                AppOptions.Terminal.NONE,
                AppOptions.Stdin.CLOSED,
                AppOptions.Privilege.CONFINED);
    }

    public ExecSpec withEnvironment(Map<String, String> newEnvironment) {
        return new ExecSpec(command, newEnvironment, workingDirectory, terminal, stdin, privilege);
    }

    public ExecSpec withWorkingDirectory(String newWorkingDirectory) {
        return new ExecSpec(command, environment, Optional.of(newWorkingDirectory), terminal, stdin, privilege);
    }

    public ExecSpec withTerminal(AppOptions.Terminal newTerminal) {
        return new ExecSpec(command, environment, workingDirectory, newTerminal, stdin, privilege);
    }

    public ExecSpec withStdin(AppOptions.Stdin newStdin) {
        return new ExecSpec(command, environment, workingDirectory, terminal, newStdin, privilege);
    }

    public ExecSpec withPrivilege(AppOptions.Privilege newPrivilege) {
        return new ExecSpec(command, environment, workingDirectory, terminal, stdin, newPrivilege);
    }
}
