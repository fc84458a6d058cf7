package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Quoted;
import io.aestus.aci.Finding.Severity;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says whether an archive is an image, and what in it will not be as its maker may expect. Nothing is unpacked. */
public final class ImageValidator {
    /**
     * What validating showed.
     *
     * @param id of the archive, if it could be read to its end
     */
    public record Report(Optional<ImageId> id, Optional<ImageManifest> manifest, List<Finding> findings) {
        public Report {
            findings = List.copyOf(findings);
        }

        /** True if the image can be stored. */
        public boolean isValid() {
            return findings.stream().noneMatch(finding -> finding.severity() == Severity.ERROR);
        }
    }

    private final List<Finding> findings = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private final Notes notes = new Notes();
    private boolean hasLinks;

    private ImageValidator() {}

    /**
     * Reads the archive to its end, or to its first error.
     *
     * @param archive compressed in any known way; lent
     * @throws IOException if reading fails, which says nothing about the image
     */
    public static Report validate(InputStream archive, UnpackLimits limits) throws IOException {
        var validator = new ImageValidator();
        Optional<ImageId> id = Optional.empty();
        Optional<ImageManifest> manifest = Optional.empty();
        try {
            var outcome = ImageReader.read(Compression.open(archive, limits), limits, validator::visit);
            id = Optional.of(outcome.id());
            manifest = Optional.of(ImageArchive.readManifest(outcome.manifest()));
            validator.checkManifest(manifest.get());
            validator.notes.lines().forEach(validator::warn);
        } catch (AestusException e) {
            validator.findings.add(new Finding(Severity.ERROR, e.message()));
        }
        return new Report(id, manifest, validator.findings);
    }

    private void visit(TarEntry entry, String path, String linkPath, ImageReader.Data data) {
        paths.add(path);
        hasLinks |= entry.type() == TarEntry.Type.SYMLINK;
        if (entry.type().isDevice()) {
            notes.add("a device, made only where the node allows it", path);
        }
        for (String xattr : entry.xattrs().keySet()) {
            if (!XattrPolicy.keeps(xattr, entry.type())) {
                notes.add("never unpacked: attribute " + xattr, path);
            }
        }
    }

    private void checkManifest(ImageManifest manifest) {
        if (!manifest.name().isCanonical()) {
            warn("the name " + manifest.name() + " has two separators side by side");
        }
        manifest.app().flatMap(ImageValidator::program).ifPresent(program -> {
            // Through a link or from a dependency it may be there all the same.
            if (manifest.dependencies().isEmpty() && !hasLinks && !paths.contains(program.substring(1))) {
                warn("the program " + Quoted.of(program) + " is not in the image");
            }
        });
    }

    private static Optional<String> program(App app) {
        return app.exec().stream().findFirst().filter(program -> program.startsWith("/"));
    }

    private void warn(String text) {
        findings.add(new Finding(Severity.WARNING, text));
    }
}
