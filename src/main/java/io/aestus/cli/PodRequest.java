package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Isolators;
import io.aestus.appc.Mount;
import io.aestus.appc.PodManifest;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.appc.Volume;
import io.aestus.executor.AppOptions;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.PullPolicy;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** From the words of {@code run} and {@code prepare} to a pod that the executor can start: every image is in the store. */
final class PodRequest {
    private final Session session;
    private final ParseResult pod;
    private final List<RunArguments.Image> images;

    PodRequest(Session session, ParseResult pod, List<RunArguments.Image> images) {
        this.session = session;
        this.pod = pod;
        this.images = List.copyOf(images);
    }

    /** Fetches what is not there, and puts the pod together. */
    PodSpec resolve(AppOptions everyApp) throws IOException {
        PodOptions ofPod = RunOptions.podOptions(pod); // what is misspelt is said before anything is fetched
        Isolators isolators = IsolationOptions.isolators(Isolators.NONE, pod);
        NetworkOptions networks = NetworkOptions.read(pod);
        List<ParseResult> ofImages = images.stream().map(PodRequest::parse).toList();
        Stage1Options stage1 = Stage1Options.read(pod, session.usualStage1());
        Optional<String> finished = Options.value(pod, "--pod-manifest");
        PodManifest manifest;
        if (finished.isPresent()) {
            requireAlone();
            PodManifest read = PodManifest.read(Files.readAllBytes(Path.of(finished.get())));
            manifest = session.resolver().reify(read, session.fetchPolicy(pullPolicy()), session.progress());
        } else {
            manifest = fromImages(ofImages).withIsolators(isolators).withPorts(networks.exposed());
        }
        var options = new LinkedHashMap<AcName, AppOptions>();
        for (int i = 0; i < manifest.apps().size(); i++) {
            RuntimeApp app = manifest.apps().get(i);
            AppOptions asked = ofImages.isEmpty()
                    ? fitted(session, app, everyApp)
                    : fitted(session, app, options(ofImages.get(i), everyApp), ofImages.get(i));
            options.put(app.name(), stage1.fit(asked));
        }
        PodOptions connected = networks.connect(ofPod, manifest, session::networks);
        return new PodSpec(manifest, stage1.fit(connected, pod), options, stage1.name());
    }

    private static AppOptions options(ParseResult ofImage, AppOptions everyApp) {
        return StreamOptions.read(ofImage, AppOverrides.options(ofImage, everyApp));
    }

    /** With what the image of an app says of it. */
    private static AppOptions fitted(Session session, RuntimeApp app, AppOptions options) throws IOException {
        return options.fittedTo(image(session, app));
    }

    /** The same, with what is said of its ports by name. */
    static AppOptions fitted(Session session, RuntimeApp app, AppOptions options, ParseResult ofImage)
            throws IOException {
        ImageManifest image = image(session, app);
        return options.fittedTo(image).withReadiness(ReadinessOptions.read(ofImage, app.effective(image)));
    }

    private static ImageManifest image(Session session, RuntimeApp app) throws IOException {
        return session.images().require(app.image().id().orElseThrow()).manifest();
    }

    private void requireAlone() {
        for (String option : List.of(
                "--volume", "--mount", "--set-env", "--set-env-file", "--inherit-env", "--port", "--isolator")) {
            if (Options.isSet(pod, option)) {
                throw new WrongUsage("cannot run a finished pod manifest: " + option + " would change it");
            }
        }
        if (!images.isEmpty()) {
            throw new WrongUsage("cannot run a finished pod manifest: it names the images itself");
        }
    }

    private PodManifest fromImages(List<ParseResult> options) throws IOException {
        if (images.isEmpty()) {
            throw new WrongUsage("cannot run a pod: no image is named")
                    .withRemedy("aestus run IMAGE, or --pod-manifest FILE");
        }
        Map<String, String> environment = environment();
        List<Mount> mounts = RunOptions.mounts(pod);
        List<Volume> volumes = VolumeOptions.fetching(session, session.fetchPolicy(pullPolicy()))
                .read(pod);
        var apps = new ArrayList<RuntimeApp>();
        for (int i = 0; i < images.size(); i++) {
            apps.add(app(
                    session, images.get(i), options.get(i), session.fetchPolicy(pullPolicy()), environment, mounts));
        }
        requireDistinct(apps);
        requireMounted(volumes, apps);
        return PodManifest.of(apps.toArray(RuntimeApp[]::new)).withVolumes(volumes);
    }

    private PullPolicy pullPolicy() {
        return Options.parsed(pod, "--pull-policy", PullPolicy::parse).orElse(PullPolicy.NEW);
    }

    /** Fetches an image that is not there, and makes an app of it. */
    static RuntimeApp app(
            Session session,
            RunArguments.Image image,
            ParseResult options,
            FetchPolicy policy,
            Map<String, String> environment,
            List<Mount> mounts) {
        Optional<String> signature = Options.value(options, "--signature");
        FetchPolicy signed =
                signature.map(file -> policy.signedBy(Path.of(file))).orElse(policy);
        ImageReference reference = ImageReference.parse(image.reference());
        StoredImage stored = session.fetcher().fetch(reference, signed, session.progress());
        var runtime = new RuntimeImage(
                Optional.of(stored.id()),
                Optional.of(stored.manifest().name()),
                stored.manifest().labels());
        return AppOverrides.apply(options, image.arguments(), runtime, stored.manifest(), environment, mounts);
    }

    /** The options of an image. */
    static ParseResult parse(RunArguments.Image image) {
        CommandSpec spec = AppOverrides.spec().name("run " + image.reference());
        try {
            ParseResult options =
                    new CommandLine(spec).parseArgs(image.options().toArray(String[]::new));
            ReadinessOptions.check(options);
            return options;
        } catch (ParameterException e) {
            throw new WrongUsage("cannot read the options of an image: " + e.getMessage());
        }
    }

    /** Rising priority: the caller's where asked, files, words. */
    private Map<String, String> environment() throws IOException {
        var variables = new LinkedHashMap<String, String>();
        if (Options.isSet(pod, "--inherit-env")) {
            variables.putAll(session.environment());
        }
        for (String file : Options.values(pod, "--set-env-file")) {
            for (String line : Files.readAllLines(Path.of(file))) {
                if (!line.isBlank() && !line.startsWith("#") && !line.startsWith(";")) {
                    String[] sides = RunOptions.pair(line, "--set-env-file " + file);
                    variables.put(sides[0], sides[1]);
                }
            }
        }
        variables.putAll(AppOverrides.map(Options.values(pod, "--set-env"), "--set-env"));
        return variables;
    }

    /** A volume that nobody sees was not meant: its name is misspelt, or its mount forgotten. */
    private static void requireMounted(List<Volume> volumes, List<RuntimeApp> apps) {
        var mounted = new HashSet<AcName>();
        for (RuntimeApp app : apps) {
            app.mounts().forEach(mount -> mounted.add(mount.volume()));
            app.app().ifPresent(how -> how.mountPoints().forEach(point -> mounted.add(point.name())));
        }
        for (Volume volume : volumes) {
            if (!mounted.contains(volume.name())) {
                throw new AestusException(
                                Problem.INVALID,
                                "cannot run the pod: no app mounts volume " + volume.name()
                                        + ", and no image has a mount point of that name")
                        .withRemedy("--mount volume=" + volume.name() + ",target=PATH");
            }
        }
    }

    private static void requireDistinct(List<RuntimeApp> apps) {
        var names = new ArrayList<AcName>();
        for (RuntimeApp app : apps) {
            if (names.contains(app.name())) {
                throw new WrongUsage("cannot run two apps named "
                                + Quoted.of(app.name().toString()) + " in a pod")
                        .withRemedy("--name NAME after one of the images");
            }
            names.add(app.name());
        }
    }
}
