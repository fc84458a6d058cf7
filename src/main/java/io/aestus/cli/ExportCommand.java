package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.BuildOptions;
import io.aestus.aci.BuiltImage;
import io.aestus.aci.ImageBuilder;
import io.aestus.aci.Owners;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.PathWhitelist;
import io.aestus.executor.AppFiles;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code aestus export}: an app that has ended becomes an image. It holds all files that the app saw, those of volumes
 * excepted, so it depends on no other image.
 */
final class ExportCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        "export",
                        "Writes an app that has ended as an image: its image's files and what it wrote over them, but no"
                                + " volumes. Owners have the numbers that they had in the pod.",
                        "aestus export shop shop-after.aci",
                        "aestus export --app web --overwrite 5d0f web.aci")
                .addOption(Options.value("--app", "NAME", "which app, if the pod has several"))
                .addOption(Options.flag("--overwrite", "replace the file if it is there"))
                .addOption(Options.uuidFile())
                .addPositional(
                        Options.words("POD OUT", "1..2", "the pod, unless --uuid-file says it; the file to write"));
        spec.usageMessage().customSynopsis("aestus export [OPTIONS] POD OUT.aci");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        List<String> words = Options.words(arguments);
        var ofFile = session.podOfFile(arguments);
        if (words.size() != (ofFile.isPresent() ? 1 : 2)) {
            throw new WrongUsage("expected a pod and a file to write");
        }
        PodStatus pod = session.executor()
                .status(ofFile.orElseGet(() -> session.executor().find(words.getFirst())));
        AppStatus app = pod.requireApp(PodForms.theApp(pod, Options.value(arguments, "--app")));
        var file = new NewFile(Path.of(words.getLast()), NewFile.Existing.of(Options.isSet(arguments, "--overwrite")));
        ImageManifest manifest = manifest(session.images().require(app.image()).manifest());
        try (AppFiles files = session.executor().files(pod.uuid(), app.name())) {
            BuiltImage built = build(manifest, requireStopped(files, app, pod), file);
            ImageForms.print(built, words.getLast(), session);
        }
        return ExitCode.DONE;
    }

    /** Its files are all in it. */
    private static ImageManifest manifest(ImageManifest image) {
        return image.withDependencies(List.of()).withPathWhitelist(PathWhitelist.NONE);
    }

    private static AppFiles requireStopped(AppFiles files, AppStatus app, PodStatus pod) {
        if (files.isRunning()) {
            throw new AestusException(
                            Problem.CONFLICT,
                            "cannot export app " + app.name() + ": it runs, and its files may change meanwhile")
                    .withRemedy("aestus stop "
                            + pod.options()
                                    .name()
                                    .map(Object::toString)
                                    .orElse(pod.uuid().toString()));
        }
        return files;
    }

    private static BuiltImage build(ImageManifest manifest, AppFiles files, NewFile file) throws IOException {
        Owners owners = files.hasOwnUsers() ? Owners.seenInside(files.userBase(), files.userCount()) : Owners.KEPT;
        BuildOptions options = BuildOptions.DEFAULT.withOwners(owners);
        return file.write(out -> ImageBuilder.build(manifest.toBytes(), files.root(), options, out));
    }
}
