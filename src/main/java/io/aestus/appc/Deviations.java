package io.aestus.appc;

import java.util.ArrayList;
import java.util.List;

/**
 * Where an image manifest that can be read leaves the letter of the specification: to be warned about when reading, and
 * refused when we write the image.
 */
final class Deviations {
    private final List<String> found = new ArrayList<>();

    private Deviations() {}

    static List<String> of(ImageManifest manifest) {
        var deviations = new Deviations();
        deviations.inManifest(manifest);
        manifest.app().ifPresent(deviations::inApp);
        return List.copyOf(deviations.found);
    }

    private void inManifest(ImageManifest manifest) {
        if (manifest.acVersion().isNewerThan(AcVersion.CURRENT)) {
            found.add("acVersion: is newer than " + AcVersion.CURRENT);
        }
        identifier("name", manifest.name());
        labels("labels", manifest.labels());
        for (int i = 0; i < manifest.dependencies().size(); i++) {
            Dependency dependency = manifest.dependencies().get(i);
            String at = "dependencies[" + i + "]";
            identifier(at + ".imageName", dependency.imageName());
            labels(at + ".labels", dependency.labels());
        }
        for (int i = 0; i < manifest.annotations().all().size(); i++) {
            identifier(
                    "annotations[" + i + "].name",
                    manifest.annotations().all().get(i).name());
        }
    }

    private void inApp(App app) {
        if (app.exec().isEmpty()) {
            found.add("app.exec: is empty");
        }
        for (int i = 0; i < app.mountPoints().size(); i++) {
            name("app.mountPoints[" + i + "].name", app.mountPoints().get(i).name());
        }
        for (int i = 0; i < app.ports().size(); i++) {
            name("app.ports[" + i + "].name", app.ports().get(i).name());
        }
        for (int i = 0; i < app.isolators().all().size(); i++) {
            isolator("app.isolators[" + i + "]", app.isolators().all().get(i));
        }
    }

    private void isolator(String at, Isolator isolator) {
        if (!isolator.appliesToApps()) {
            found.add(at + ": " + isolator.name() + " is for a whole pod");
        }
        if (isolator instanceof LinuxIsolator.CapabilitiesRetainSet retain
                && retain.set().isEmpty()) {
            found.add(at + ".value.set: is empty");
        }
    }

    private void labels(String at, Labels labels) {
        for (int i = 0; i < labels.all().size(); i++) {
            identifier(at + "[" + i + "].name", labels.all().get(i).name());
        }
    }

    private void identifier(String at, AcIdentifier identifier) {
        if (!identifier.isCanonical()) {
            found.add(at + ": doubles a separator");
        }
    }

    private void name(String at, AcName name) {
        if (!name.isCanonical()) {
            found.add(at + ": doubles a hyphen");
        }
    }
}
