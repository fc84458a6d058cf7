package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.aci.UnpackedImage;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Dependency;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Label;
import io.aestus.appc.Labels;
import io.aestus.store.StoredImage;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an image must turn out to be.
 *
 * @param shown as it was asked for
 * @param query name and labels, if it was asked for by name
 * @param defaults labels of this host, which an image may lack but not contradict
 * @param id its ID, if that was fixed beforehand
 * @param size in bytes, delivered or unpacked, if that was
 */
record Wanted(String shown, Optional<ImageQuery> query, Labels defaults, Optional<ImageId> id, OptionalLong size) {
    static Wanted named(ImageQuery query, Labels defaults) {
        return new Wanted(query.toString(), Optional.of(query), defaults, Optional.empty(), OptionalLong.empty());
    }

    static Wanted dependency(Dependency dependency, Labels defaults) {
        ImageQuery query = dependency.query();
        return new Wanted(query.toString(), Optional.of(query), defaults, dependency.imageId(), dependency.size());
    }

    Wanted withId(ImageId fixed) {
        return new Wanted(shown, query, defaults, Optional.of(fixed), size);
    }

    /** Whatever image is at a place, for a host with these labels; none are for any host. */
    static Wanted anything(String shown, Labels defaults) {
        return new Wanted(shown, Optional.empty(), defaults, Optional.empty(), OptionalLong.empty());
    }

    Optional<AcIdentifier> name() {
        return query.map(ImageQuery::name);
    }

    /** Whether any version will do, so that the one we get is the latest there is. */
    boolean isAnyVersion() {
        return query.isPresent() && query.get().labels().version().isEmpty();
    }

    /** Whether an image that was stored before is what is wanted now: the same place may have had to do for other wishes. */
    boolean isMetBy(StoredImage image) {
        return mismatch(image.manifest()).isEmpty()
                && id.map(image.id()::equals).orElse(true);
    }

    /**
     * @throws AestusException {@link Problem#CORRUPT} if {@code image} is another than was asked for by name, {@link
     *     Problem#UNSUPPORTED} if what was asked for by its place is for another host
     */
    void check(UnpackedImage image, long deliveredBytes) {
        checkPlatform(image.manifest());
        mismatch(image.manifest())
                .or(() -> id.filter(expected -> !expected.equals(image.id()))
                        .map(expected ->
                                "its ID is " + image.id().abbreviated() + "…, not " + expected.abbreviated() + "…"))
                .or(() -> sizeMismatch(image.tarBytes(), deliveredBytes))
                .ifPresent(reason -> {
                    throw new AestusException(Problem.CORRUPT, "cannot fetch " + shown + ": " + reason);
                });
    }

    /** A name is looked for with this host's labels from the start, and so refused as another image. */
    private void checkPlatform(ImageManifest manifest) {
        if (query.isPresent()) {
            return;
        }
        for (Label ours : defaults.all()) {
            Optional<String> label = manifest.labels().get(ours.name().value());
            if (label.isPresent() && !label.get().equals(ours.value())) {
                throw new AestusException(
                                Problem.UNSUPPORTED,
                                "cannot fetch " + shown + ": its label " + ours.name() + " is " + Quoted.of(label.get())
                                        + ", and this host's is " + Quoted.of(ours.value()))
                        .withRemedy("--any-platform, if it is not to run here");
            }
        }
    }

    private Optional<String> mismatch(ImageManifest manifest) {
        return query.flatMap(asked -> asked.mismatch(manifest, defaults));
    }

    private Optional<String> sizeMismatch(long tarBytes, long deliveredBytes) {
        if (size.isEmpty() || size.getAsLong() == tarBytes || size.getAsLong() == deliveredBytes) {
            return Optional.empty();
        }
        return Optional.of("it has " + deliveredBytes + " bytes, unpacked " + tarBytes + ", not " + size.getAsLong());
    }
}
