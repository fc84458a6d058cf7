package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Dependency;
import io.aestus.appc.ImageId;
import io.aestus.appc.Labels;
import io.aestus.store.StoredImage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Walks what an image stands on, depth first in the order of the manifests, and fetches what is missing. The walk ends on
 * any input: a cycle is refused, and so is a pile deeper than {@value FetchLimits#DEPENDENCY_DEPTH} or of more than
 * {@value FetchLimits#DEPENDENCY_IMAGES} images.
 */
final class Dependencies {
    private final Source source;
    private final Labels platform;
    private final Set<ImageId> complete = new HashSet<>();
    private final Deque<ImageId> above = new ArrayDeque<>();

    /** Where one image, without what it depends on, comes from. */
    interface Source {
        StoredImage fetch(Wanted wanted, FetchPolicy policy);
    }

    Dependencies(Source source, Labels platform) {
        this.source = source;
        this.platform = platform;
    }

    /** @throws AestusException {@link Problem#INVALID} for a cycle, {@link Problem#EXHAUSTED} for a pile too high or wide */
    void complete(StoredImage image, FetchPolicy policy) {
        if (complete.contains(image.id())) {
            return;
        }
        if (above.contains(image.id())) {
            throw new AestusException(
                    Problem.INVALID, "cannot fetch " + image.manifest().name() + ": it depends on itself");
        }
        if (above.size() >= FetchLimits.DEPENDENCY_DEPTH || complete.size() >= FetchLimits.DEPENDENCY_IMAGES) {
            throw new AestusException(
                    Problem.EXHAUSTED,
                    "cannot fetch " + image.manifest().name() + ": its dependencies are more than "
                            + FetchLimits.DEPENDENCY_DEPTH + " deep or " + FetchLimits.DEPENDENCY_IMAGES
                            + " in number");
        }
        above.push(image.id());
        for (Dependency dependency : image.manifest().dependencies()) {
            complete(source.fetch(Wanted.dependency(dependency, platform), policy), policy);
        }
        above.pop();
        complete.add(image.id());
    }
}
