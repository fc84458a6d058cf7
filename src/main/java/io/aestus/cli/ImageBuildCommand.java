package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.aci.BuildOptions;
import io.aestus.aci.BuiltImage;
import io.aestus.aci.Compression;
import io.aestus.aci.ImageBuilder;
import io.aestus.aci.Owners;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image build}: an archive of a directory and a manifest, the same one each time. */
final class ImageBuildCommand implements Command {
    private static final String EPOCH = "SOURCE_DATE_EPOCH";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        "build",
                        "Makes an image of a directory, and prints its ID. The same files with the same times give the"
                                + " same ID.",
                        "aestus image build --manifest manifest.json rootfs web.aci",
                        "SOURCE_DATE_EPOCH=0 aestus image build --manifest m.json rootfs web.aci")
                .addOption(Options.value("--manifest", "FILE", "the image manifest"))
                .addOption(Options.flag("--owner-root", "all files are root's, whoever owns them here"))
                .addOption(Options.value("--compression", "WORD", "gzip (default), xz, bzip2, or tar for none"))
                .addOption(Options.value("--level", "N", "1 (fast) to 9 (small)"))
                .addOption(Options.flag("--overwrite", "replace the file if it is there"))
                .addPositional(Options.words("ROOTFS OUT", "0..2", "the directory, and the file to write"));
        spec.usageMessage().customSynopsis("aestus image build --manifest FILE [OPTIONS] ROOTFS OUT.aci");
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        List<String> words = Options.words(arguments);
        if (words.size() != 2) {
            throw new WrongUsage("expected a directory and a file to write");
        }
        Path manifest = Options.value(arguments, "--manifest")
                .map(Path::of)
                .orElseThrow(() -> new WrongUsage("no manifest is named: --manifest FILE"));
        byte[] json = Files.readAllBytes(manifest);
        BuildOptions options = options(arguments, session);
        var target = new NewFile(Path.of(words.get(1)), NewFile.Existing.of(Options.isSet(arguments, "--overwrite")));
        try (Directory rootfs = Directory.open(Path.of(words.get(0)).toAbsolutePath())) {
            BuiltImage built = target.write(out -> ImageBuilder.build(json, rootfs, options, out));
            ImageForms.print(built, words.get(1), session);
        }
        return ExitCode.DONE;
    }

    private static BuildOptions options(ParseResult arguments, Session session) {
        BuildOptions options = BuildOptions.DEFAULT.withCompression(
                Options.value(arguments, "--compression")
                        .map(ImageBuildCommand::compression)
                        .orElse(Compression.GZIP),
                Options.number(arguments, "--level", 1, 9).map(Long::intValue).orElse(Compression.DEFAULT_LEVEL));
        if (Options.isSet(arguments, "--owner-root")) {
            options = options.withOwners(Owners.ROOT);
        }
        Optional<Instant> epoch =
                Optional.ofNullable(session.environment().get(EPOCH)).map(ImageBuildCommand::epoch);
        return epoch.isPresent() ? options.withLatest(epoch.get()) : options;
    }

    private static Compression compression(String word) {
        if (word.equals("none")) {
            return Compression.NONE;
        }
        for (Compression compression : Compression.values()) {
            if (compression.word().equals(word)) {
                return compression;
            }
        }
        throw new WrongUsage("cannot compress by " + Quoted.of(word) + ": expected none, "
                + Arrays.stream(Compression.values()).map(Compression::word).collect(Collectors.joining(", ")));
    }

    private static Instant epoch(String seconds) {
        if (!seconds.matches("\\d{1,11}")) {
            throw new AestusException(
                    Problem.INVALID, "cannot read " + EPOCH + ": " + Quoted.of(seconds) + " is no number of seconds");
        }
        return Instant.ofEpochSecond(Long.parseLong(seconds));
    }
}
