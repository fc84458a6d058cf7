package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.Optional;
import java.util.Set;

/**
 * Where an app of a pod sees a volume.
 *
 * @param volume the name of one of the pod's volumes
 * @param path in the app's tree
 * @param appVolume a volume of this app alone, which counts before the pod's
 */
public record Mount(AcName volume, AbsolutePath path, Optional<Volume> appVolume) {
    /** Unlike an image, a pod may cover {@code /dev}: device plugins and storage drivers do. */
    private static final Set<String> TAKEN = Set.of("/", "/proc");

    /** A mount of one of the pod's volumes. */
    public static Mount of(AcName volume, AbsolutePath path) {
        return new Mount(volume, free(volume, path), Optional.empty());
    }

    /** A mount of a volume of its own. */
    public static Mount of(Volume appVolume, AbsolutePath path) {
        return new Mount(appVolume.name(), free(appVolume.name(), path), Optional.of(appVolume));
    }

    private static AbsolutePath free(AcName volume, AbsolutePath path) {
        if (TAKEN.contains(path.value())) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot mount volume " + volume + " on " + path + ": nothing can be mounted there");
        }
        return path;
    }

    static Mount read(JsonView view) {
        AcName volume = view.required("volume").parsed(AcName::parse);
        JsonView path = view.required("path");
        AbsolutePath place = path.parsed(AbsolutePath::parse);
        if (TAKEN.contains(place.value())) {
            throw path.failure("must not be " + place);
        }
        return new Mount(volume, place, view.optional("appVolume").map(Volume::read));
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("volume", volume.value())
                .put("path", path.value())
                .put("appVolume", appVolume.map(Volume::toJson))
                .build();
    }
}
