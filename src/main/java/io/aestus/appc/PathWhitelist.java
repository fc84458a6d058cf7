package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonView;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The paths that an image leaves visible, of its own and of what lies under it. Compared exactly: a directory does not
 * bring its content.
 *
 * @param paths in their order; none means that nothing is hidden
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#image-manifest-schema">appc: Image Manifest</a>
 */
public record PathWhitelist(List<AbsolutePath> paths) {
    public static final PathWhitelist NONE = new PathWhitelist(List.of());

    public PathWhitelist {
        paths = List.copyOf(paths);
    }

    static PathWhitelist read(JsonView list) {
        return new PathWhitelist(list.elements().stream()
                .map(path -> path.parsed(AbsolutePath::parse))
                .toList());
    }

    /** True if it hides nothing. */
    public boolean isEmpty() {
        return paths.isEmpty();
    }

    /** The paths as a set, for asking often. */
    public Set<AbsolutePath> asSet() {
        return new TreeSet<>(paths);
    }

    JsonArray toJson() {
        return Json.array(paths, path -> Json.of(path.value()));
    }
}
