package io.aestus.appc;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.Set;

/**
 * A place where an app expects foreign data.
 *
 * @param name how a pod's volume finds it
 * @param path in the app's tree
 */
public record MountPoint(AcName name, AbsolutePath path, boolean readOnly) {
    private static final Set<String> TAKEN = Set.of("/", "/proc", "/dev");

    static MountPoint read(JsonView view) {
        AcName name = view.required("name").parsed(AcName::parse);
        JsonView path = view.required("path");
        AbsolutePath place = path.parsed(AbsolutePath::parse);
        if (TAKEN.contains(place.value())) {
            throw path.failure("must not be " + place);
        }
        return new MountPoint(name, place, view.isTrue("readOnly"));
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("name", name.value())
                .put("path", path.value())
                .putIfTrue("readOnly", readOnly)
                .build();
    }
}
