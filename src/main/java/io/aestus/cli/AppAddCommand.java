package io.aestus.cli;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppSpec;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.PullPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app add}: one more app for a pod that runs, or is prepared. */
final class AppAddCommand implements Command {
    private RunArguments arguments = new RunArguments(List.of(), List.of());

    @Override
    public CommandSpec spec() {
        CommandSpec spec = ownOptions(Options.command(
                "add",
                "Adds an app to a pod that runs or is prepared, and prints its name. Options after the image are of"
                        + " that image; -- gives it arguments.",
                "aestus app add 5d0f example.com/shop/web:2.1.0 --memory 128Mi",
                "aestus app add --start 5d0f example.com/shop/log -- --verbose",
                "aestus app add 5d0f example.com/web --readiness-tcp=8080"));
        spec.usageMessage().customSynopsis("aestus app add [OPTIONS] POD IMAGE [APP OPTIONS] [-- ARGUMENTS]");
        AppOverrides.spec().options().forEach(spec::addOption);
        return spec;
    }

    private static CommandSpec ownOptions(CommandSpec spec) {
        return spec.addOption(Options.flag("--start", "start the app at once"))
                .addOption(Options.value("--pull-policy", "POLICY", "new (default), update or never"))
                .addOption(Options.values("--set-env", "NAME=VALUE", "a variable, under those of --environment"));
    }

    /** The words are those of {@code run}, with the pod as the first that is no option. */
    @Override
    public List<String> prepare(List<String> words) {
        int group = GlobalOptions.indexOfCommand(words);
        int own = group + 1 + GlobalOptions.indexOfCommand(words.subList(group + 1, words.size()));
        CommandSpec options = ownOptions(GlobalOptions.root(GlobalOptions.Shown.HIDDEN));
        arguments = RunArguments.split(words.subList(own + 1, words.size()), options, AppOverrides.spec());
        var all = new ArrayList<>(words.subList(0, own + 1));
        all.addAll(arguments.pod());
        return all;
    }

    @Override
    public int run(ParseResult parsed, Session session) throws Exception {
        var named = arguments.images();
        if (named.size() != 2 || !named.getFirst().arguments().isEmpty()) {
            throw new WrongUsage("cannot add an app: one pod and one image must be named")
                    .withRemedy("aestus app add POD IMAGE");
        }
        var options = new ArrayList<>(named.getFirst().options());
        options.addAll(named.getLast().options());
        var image = new RunArguments.Image(
                named.getLast().reference(), options, named.getLast().arguments());
        PodUuid pod = session.executor().find(named.getFirst().reference());
        FetchPolicy policy = session.fetchPolicy(
                Options.parsed(parsed, "--pull-policy", PullPolicy::parse).orElse(PullPolicy.NEW));
        Map<String, String> variables = AppOverrides.map(Options.values(parsed, "--set-env"), "--set-env");
        ParseResult ofImage = PodRequest.parse(image);
        RuntimeApp app = PodRequest.app(session, image, ofImage, policy, variables, List.of());
        AppOptions how = PodRequest.fitted(session, app, AppOverrides.options(ofImage, AppOptions.DEFAULT), ofImage);
        AcName name = session.executor().addApp(pod, new AppSpec(app, how));
        session.out().println(name);
        if (Options.isSet(parsed, "--start")) {
            session.executor().startApp(pod, name);
        }
        return ExitCode.DONE;
    }
}
