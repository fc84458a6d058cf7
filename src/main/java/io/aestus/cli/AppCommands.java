package io.aestus.cli;

import io.aestus.appc.AcName;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app}: pods whose apps come and go. */
final class AppCommands {
    private AppCommands() {}

    static CommandGroup group() {
        return CommandGroup.of(
                "app",
                "Adds apps to pods, starts, stops and removes them, whoever started the pod.",
                new Commands(List.of(
                        new Commands.Entry("sandbox", "start a pod whose apps come and go", AppSandboxCommand::new),
                        new Commands.Entry("add", "add an app to a pod", AppAddCommand::new),
                        new Commands.Entry("start", "start an app of a pod", AppStartCommand::new),
                        new Commands.Entry("stop", "stop an app of a pod", AppStopCommand::new),
                        new Commands.Entry("rm", "remove an app with all it wrote", AppRmCommand::new),
                        new Commands.Entry("list", "list the apps of a pod", AppListCommand::new),
                        new Commands.Entry("status", "show an app of a pod", AppStatusCommand::new))));
    }

    /** Adds what says which app of which pod is meant. */
    static CommandSpec addChoice(CommandSpec spec) {
        return addPod(spec).addOption(Options.value("--app", "NAME", "which app, if the pod has several"));
    }

    /** Adds what says which pod is meant. */
    static CommandSpec addPod(CommandSpec spec) {
        return spec.addOption(Options.uuidFile()).addPositional(Options.pods("0..1"));
    }

    /** The pod that was chosen. */
    static PodStatus pod(ParseResult arguments, Session session) throws IOException {
        return session.executor().status(session.pod(arguments));
    }

    /** The app that was chosen, of that pod. */
    static AcName app(PodStatus pod, ParseResult arguments) {
        return PodForms.theApp(pod, Options.value(arguments, "--app"));
    }

    /** The same as it is now. */
    static AppStatus status(ParseResult arguments, Session session) throws IOException {
        PodStatus pod = pod(arguments, session);
        return pod.requireApp(app(pod, arguments));
    }
}
