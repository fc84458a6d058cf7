package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.Annotation;
import io.aestus.appc.Annotations;
import io.aestus.appc.App;
import io.aestus.appc.AppBuilder;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.Environment;
import io.aestus.appc.EnvironmentVariable;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.Mount;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.AppOptions;
import io.aestus.executor.RestartPolicy;
import io.aestus.json.JsonView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that may follow an image, and how they change what the image says of its app. */
final class AppOverrides {
    private static final Duration LONGEST_HANDLER = Duration.ofHours(24);

    private AppOverrides() {}

    /** The options, for the parser and for help. */
    static CommandSpec spec() {
        return StreamOptions.add(ReadinessOptions.add(IsolationOptions.addOfApp(CommandSpec.create())))
                .addOption(Options.value("--name", "NAME", "the app's name in the pod"))
                .addOption(Options.value("--exec", "PROGRAM", "run this instead of what the image says"))
                .addOption(Options.value("--working-dir", "DIR", "the working directory"))
                .addOption(Options.value("--user", "USER", "name, number, or path of a file whose owner it is"))
                .addOption(Options.value("--group", "GROUP", "name, number, or path of a file whose group it is"))
                .addOption(Options.value("--supplementary-gids", "N,N,…", "further groups"))
                .addOption(Options.flag("--readonly-rootfs", "the root file system cannot be written"))
                .addOption(Options.values("--environment", "NAME=VALUE", "a variable of this app"))
                .addOption(Options.values("--mount", "volume=NAME,target=PATH", "mount a volume in this app"))
                .addOption(Options.values(
                        "--mnt-volume",
                        "name=NAME,target=PATH,…",
                        "a volume of this app alone, mounted: the rest as in --volume"))
                .addOption(Options.values("--annotation", "NAME=VALUE", "an annotation of this app"))
                .addOption(Options.values("--user-annotation", "NAME=VALUE", "an annotation without meaning to Aestus"))
                .addOption(Options.values("--user-label", "NAME=VALUE", "a label without meaning to Aestus"))
                .addOption(Options.value("--signature", "FILE", "the signature of this image"))
                .addOption(Options.value("--memory", "SIZE", "memory limit, such as 128Mi"))
                .addOption(Options.value("--cpu", "CPUS", "processor limit, such as 500m"))
                .addOption(Options.value("--cpu-shares", "N", "processor weight, 2 to 262144"))
                .addOption(Options.value("--oom-score-adj", "N", "how soon it is killed for memory, -1000 to 1000"))
                .addOption(Options.value("--caps-retain", "CAP,CAP,…", "keep exactly these capabilities"))
                .addOption(Options.value("--caps-remove", "CAP,CAP,…", "take these from the default capabilities"))
                .addOption(Options.value(
                        "--seccomp",
                        "mode=retain|remove,…",
                        "system calls to retain or remove: mode=M[,errno=E],CALL,…"))
                .addOption(Options.value(
                        "--event-handler-timeout",
                        "DURATION",
                        "how long its pre-start and post-stop handlers may take each (5m)"))
                .addOption(Options.value("--restart", "POLICY", "never (default), on-failure or always"))
                .addOption(Options.value(
                        "--processes",
                        "OF",
                        "which processes it sees: of the pod (default), of the app alone, or of the host"))
                .addOption(Options.flag("--no-new-privileges", "no program can raise its privileges"));
    }

    /** What is said of an app that its manifest has no words for. */
    static AppOptions options(ParseResult options, AppOptions base) {
        AppOptions isolated = Options.value(options, "--processes")
                .map(word -> IsolationOptions.options(base, options).withProcesses(processes(word)))
                .orElseGet(() -> IsolationOptions.options(base, options));
        return Options.value(options, "--restart")
                .map(word -> isolated.withRestart(restart(word)))
                .orElse(isolated);
    }

    private static AppOptions.Processes processes(String word) {
        return switch (word) {
            case "pod" -> AppOptions.Processes.POD;
            case "app" -> AppOptions.Processes.APP;
            case "host" -> AppOptions.Processes.HOST;
            default ->
                throw new WrongUsage("cannot read --processes: " + Quoted.of(word) + " is neither pod, app nor host");
        };
    }

    private static RestartPolicy restart(String word) {
        return switch (word) {
            case "never", "no" -> RestartPolicy.NEVER;
            case "on-failure" -> RestartPolicy.ON_FAILURE;
            case "always" -> RestartPolicy.ALWAYS;
            default ->
                throw new WrongUsage(
                        "cannot read --restart: " + Quoted.of(word) + " is neither never, on-failure nor always");
        };
    }

    /** The app's name: as asked, or made of its image's. */
    static AcName name(ParseResult options, ImageManifest image) {
        return Options.value(options, "--name").map(AcName::parse).orElseGet(() -> AcName.forImage(image.name()));
    }

    /** A runtime app of {@code image} with these options, arguments and mounts. */
    static RuntimeApp apply(
            ParseResult options,
            List<String> arguments,
            RuntimeImage image,
            ImageManifest manifest,
            Map<String, String> podEnvironment,
            List<Mount> podMounts) {
        App base = manifest.app().orElseGet(() -> bare(options, manifest));
        RuntimeApp app = RuntimeApp.of(name(options, manifest), image)
                .withApp(change(base, options, command(base, manifest, options, arguments), podEnvironment))
                .withReadOnlyRootFs(Options.isSet(options, "--readonly-rootfs"))
                .withMounts(mounts(ownMounts(options), podMounts));
        Annotations annotations = annotations(Options.values(options, "--annotation"));
        return app.withAnnotations(Options.duration(options, "--event-handler-timeout")
                .map(limit -> annotations.with(Annotations.EVENT_HANDLER_TIMEOUT, seconds(limit)))
                .orElse(annotations));
    }

    private static String seconds(Duration limit) {
        if (!limit.isPositive() || limit.compareTo(LONGEST_HANDLER) > 0) {
            throw new WrongUsage(
                    "cannot limit event handlers to " + limit.toSeconds() + " s: it is not from 1s to 24h");
        }
        return limit.toSeconds() + "s";
    }

    /** An image without an app runs when the command line says what. */
    private static App bare(ParseResult options, ImageManifest manifest) {
        String exec = Options.value(options, "--exec").orElseThrow(() -> new AestusException(
                        Problem.INVALID, "cannot run " + manifest.name() + ": the image has no app")
                .withRemedy("--exec PROGRAM after the image"));
        return App.running(List.of(exec)).user("0").group("0").build();
    }

    /** Arguments follow the image's own; those of an image that was made for Docker take the place of its default ones. */
    private static List<String> command(App base, ImageManifest manifest, ParseResult options, List<String> arguments) {
        List<String> program = Options.value(options, "--exec").map(List::of).orElse(List.of());
        Optional<DockerOrigin> docker = DockerOrigin.of(manifest);
        if (docker.isPresent()) {
            List<String> command = docker.get().command(program, arguments);
            if (command.isEmpty()) {
                throw new AestusException(
                                Problem.INVALID, "cannot run " + manifest.name() + ": the image says no command")
                        .withRemedy("--exec PROGRAM after the image");
            }
            return command;
        }
        var exec = new ArrayList<>(program.isEmpty() ? base.exec() : program);
        exec.addAll(arguments);
        return exec;
    }

    private static App change(App base, ParseResult options, List<String> exec, Map<String, String> environment) {
        AppBuilder app = base.toBuilder();
        app.exec(exec);
        Options.value(options, "--user").ifPresent(app::user);
        Options.value(options, "--group").ifPresent(app::group);
        Options.value(options, "--working-dir").map(AbsolutePath::parse).ifPresent(app::workingDirectory);
        Options.value(options, "--supplementary-gids").map(AppOverrides::gids).ifPresent(app::supplementaryGids);
        app.environment(environment(base.environment(), Options.values(options, "--environment"), environment));
        app.isolators(isolators(base.isolators(), options));
        Map<String, String> labels = map(Options.values(options, "--user-label"), "--user-label");
        if (!labels.isEmpty()) {
            app.userLabels(labels);
        }
        Map<String, String> notes = map(Options.values(options, "--user-annotation"), "--user-annotation");
        if (!notes.isEmpty()) {
            app.userAnnotations(notes);
        }
        return app.build();
    }

    private static List<Long> gids(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(gid -> {
                    if (!gid.matches("\\d{1,10}")) {
                        throw new WrongUsage(
                                "cannot read --supplementary-gids: " + Quoted.of(gid) + " is not a number");
                    }
                    return Long.parseLong(gid);
                })
                .toList();
    }

    /** Rising priority: the image's, the pod's ({@code --set-env}), the app's own ({@code --environment}). */
    private static Environment environment(Environment image, List<String> own, Map<String, String> pod) {
        var variables = new LinkedHashMap<String, String>();
        image.variables().forEach(variable -> variables.put(variable.name(), variable.value()));
        variables.putAll(pod);
        variables.putAll(map(own, "--environment"));
        return new Environment(variables.entrySet().stream()
                .map(variable -> new EnvironmentVariable(variable.getKey(), variable.getValue()))
                .toList());
    }

    private static Isolators isolators(Isolators base, ParseResult options) {
        Isolators all = base;
        var memory = Options.value(options, "--memory");
        if (memory.isPresent()) {
            all = all.with(ResourceIsolator.Memory.limit(Quantity.parse(memory.get())));
        }
        var cpu = Options.value(options, "--cpu");
        if (cpu.isPresent()) {
            all = all.with(ResourceIsolator.Cpu.limit(Quantity.parse(cpu.get())));
        }
        Optional<Long> shares = Options.number(options, "--cpu-shares", 2, 262_144);
        if (shares.isPresent()) {
            all = all.with(new LinuxIsolator.CpuShares(Math.toIntExact(shares.get())));
        }
        Optional<Long> score = Options.number(options, "--oom-score-adj", -1000, 1000);
        if (score.isPresent()) {
            all = all.with(new LinuxIsolator.OomScoreAdj(Math.toIntExact(score.get())));
        }
        if (Options.isSet(options, "--no-new-privileges")) {
            all = all.with(new LinuxIsolator.NoNewPrivileges(true));
        }
        return IsolationOptions.isolators(seccomp(capabilities(all, options), options), options);
    }

    private static Isolators capabilities(Isolators base, ParseResult options) {
        var retain = Options.value(options, "--caps-retain");
        var remove = Options.value(options, "--caps-remove");
        if (retain.isPresent() && remove.isPresent()) {
            throw new WrongUsage("cannot set capabilities: --caps-retain and --caps-remove exclude each other");
        }
        Isolators all = base;
        if (retain.isPresent()) {
            all = without(all, LinuxIsolator.CapabilitiesRemoveSet.class)
                    .with(new LinuxIsolator.CapabilitiesRetainSet(
                            List.of(retain.get().split(","))));
        }
        if (remove.isPresent()) {
            all = without(all, LinuxIsolator.CapabilitiesRetainSet.class)
                    .with(new LinuxIsolator.CapabilitiesRemoveSet(
                            List.of(remove.get().split(","))));
        }
        return all;
    }

    private static Isolators seccomp(Isolators base, ParseResult options) {
        var text = Options.value(options, "--seccomp");
        if (text.isEmpty()) {
            return base;
        }
        String mode = "";
        Optional<String> errno = Optional.empty();
        var calls = new ArrayList<String>();
        for (String word : text.get().split(",", -1)) {
            if (word.startsWith("mode=")) {
                mode = word.substring("mode=".length());
            } else if (word.startsWith("errno=")) {
                errno = Optional.of(word.substring("errno=".length()));
            } else {
                calls.add(word);
            }
        }
        Isolators others =
                without(without(base, LinuxIsolator.SeccompRetainSet.class), LinuxIsolator.SeccompRemoveSet.class);
        return switch (mode) {
            case "retain" -> others.with(new LinuxIsolator.SeccompRetainSet(calls, errno));
            case "remove" -> others.with(new LinuxIsolator.SeccompRemoveSet(calls, errno));
            default ->
                throw new WrongUsage("cannot read --seccomp: mode must be retain or remove, not " + Quoted.of(mode));
        };
    }

    private static Isolators without(Isolators all, Class<?> type) {
        return new Isolators(all.all().stream()
                .filter(isolator -> !type.isInstance(isolator))
                .toList());
    }

    private static List<Mount> ownMounts(ParseResult options) {
        var mounts = new ArrayList<>(RunOptions.mounts(options));
        for (String text : Options.values(options, "--mnt-volume")) {
            String name = "";
            String target = "";
            var rest = new StringBuilder();
            for (String part : text.split(",", -1)) {
                String[] sides = RunOptions.pair(part, "--mnt-volume");
                switch (sides[0]) {
                    case "name" -> name = sides[1];
                    case "target" -> target = sides[1];
                    default -> rest.append(',').append(part);
                }
            }
            if (name.isEmpty() || target.isEmpty()) {
                throw new WrongUsage("cannot read --mnt-volume " + Quoted.of(text) + ": it needs a name and a target");
            }
            mounts.add(Mount.of(VolumeOptions.ofFiles("--mnt-volume").volume(name + rest), AbsolutePath.parse(target)));
        }
        return mounts;
    }

    /** An app's own mount wins over the pod's on the same path. */
    private static List<Mount> mounts(List<Mount> own, List<Mount> pod) {
        var byPath = new LinkedHashMap<AbsolutePath, Mount>();
        pod.forEach(mount -> byPath.put(mount.path(), mount));
        own.forEach(mount -> byPath.put(mount.path(), mount));
        return List.copyOf(byPath.values());
    }

    /** The annotations of {@code --annotation}, of a pod or of an app. */
    static Annotations annotations(List<String> pairs) {
        var annotations = new Annotations(map(pairs, "--annotation").entrySet().stream()
                .map(pair -> new Annotation(AcIdentifier.parse(pair.getKey()), pair.getValue()))
                .toList());
        return Annotations.read(JsonView.of(annotations.toJson(), "--annotation"));
    }

    /** Pairs by their names; a name that is given twice is refused. */
    static Map<String, String> map(List<String> pairs, String option) {
        var map = new LinkedHashMap<String, String>();
        for (String text : pairs) {
            String[] sides = RunOptions.pair(text, option);
            if (map.put(sides[0], sides[1]) != null) {
                throw new WrongUsage("cannot read " + option + ": " + Quoted.of(sides[0]) + " is given twice");
            }
        }
        return map;
    }
}
