package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Platform;
import io.aestus.json.JsonView;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The images of one name for several machines; also what an image layout has at its top.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md">OCI: Image Index</a>
 */
public record OciIndex(List<Descriptor> manifests) implements OciDocument {
    public static final String MEDIA_TYPE = "application/vnd.oci.image.index.v1+json";
    static final String DOCKER_TYPE = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final Set<String> TYPES = Set.of(MEDIA_TYPE, DOCKER_TYPE);
    private static final int MOST = 1000;

    public OciIndex {
        manifests = List.copyOf(manifests);
    }

    static OciIndex read(JsonView view) {
        JsonView manifests = view.required("manifests");
        List<Descriptor> all =
                manifests.elements().stream().map(Descriptor::read).toList();
        if (all.size() > MOST) {
            throw manifests.failure("must not have more than " + MOST + " elements");
        }
        return new OciIndex(all);
    }

    /**
     * The entry for a machine: the first that fits, else the only one that says nothing of machines.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED}, naming those that there are
     */
    public Descriptor choose(Platform host) {
        for (Descriptor each : manifests) {
            if (each.platform().filter(platform -> platform.fits(host)).isPresent()) {
                return each;
            }
        }
        List<Descriptor> silent =
                manifests.stream().filter(each -> each.platform().isEmpty()).toList();
        if (silent.size() == 1) {
            return silent.getFirst();
        }
        var others = new TreeSet<String>();
        manifests.forEach(each -> each.platform().ifPresent(platform -> others.add(platform.toString())));
        throw new AestusException(
                Problem.UNSUPPORTED,
                "cannot choose an image: the index has none for " + host + ", but "
                        + (others.isEmpty() ? manifests.size() + " that do not say" : String.join(", ", others)));
    }
}
