package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.fetch.ImageReference;
import io.aestus.oci.Digest;
import io.aestus.oci.OciReference;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Image names as they come through Kubernetes: {@code example.com/web}, {@code example.com/web:1.2}, {@code
 * example.com/web@sha256:…} or an image ID. A name may mean an OCI image or an App Container Image; {@code aci://} before it says that
 * it is the latter. Never a path or a URL: whoever may write a pod must not read files of the node so.
 *
 * @param id exactly this image
 * @param config exactly this image, as Docker calls it
 * @param query what to look for among App Container Images, if there is a name
 * @param oci what to look for among OCI images, unless the name says that it is none
 * @param beginning if nothing has that name, the image whose ID begins so: as {@code crictl} shows IDs, or its user types them
 */
record ImageNames(
        Optional<ImageId> id,
        Optional<Digest> config,
        Optional<ImageQuery> query,
        Optional<OciReference> oci,
        Optional<String> beginning) {
    private static final Pattern DIGEST = Pattern.compile("(.*)@sha512:([0-9a-f]{128})");
    private static final Pattern CONFIG = Pattern.compile("sha256:[0-9a-f]{64}");

    /** No repository is called as a kind of digest is. */
    private static final Pattern BEGINNING = Pattern.compile("sha512-[0-9a-f]{2,127}|sha256:[0-9a-f]{2,63}");

    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{3,128}");

    /** The kubelet adds this tag where the user wrote none; App Container Images have no such version. */
    private static final String LATEST = ":latest";

    /** @throws AestusException {@link Problem#INVALID} if it is none of these */
    static ImageNames parse(String image) {
        if (image.startsWith(ImageReference.ACI)) {
            return ofAppc(image.substring(ImageReference.ACI.length()));
        }
        if (image.contains("://")) {
            throw new AestusException(
                    Problem.INVALID, "cannot read image " + Quoted.of(image) + ": it is a URL, expected a name");
        }
        if (CONFIG.matcher(image).matches()) {
            return new ImageNames(
                    Optional.empty(),
                    Optional.of(Digest.parse(image)),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
        if (BEGINNING.matcher(withoutLatest(image)).matches()) {
            return new ImageNames(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(withoutLatest(image)));
        }
        if (withoutLatest(image).startsWith(ImageId.PREFIX)
                || DIGEST.matcher(image).matches()) {
            return ofAppc(image);
        }
        Optional<OciReference> oci = read(OciReference::parse, image);
        Optional<ImageQuery> query =
                oci.filter(name -> name.digest().isPresent()).isPresent()
                        ? Optional.empty()
                        : read(ImageNames::query, image);
        if (oci.isEmpty() && query.isEmpty()) {
            OciReference.parse(image); // which says what is wrong
        }
        Optional<String> digits = Optional.of(image).filter(DIGITS.asMatchPredicate());
        return new ImageNames(Optional.empty(), Optional.empty(), query, oci, digits);
    }

    /** Whether it can only be found in the store: nothing says where to ask. */
    boolean isWithoutName() {
        return query.isEmpty() && oci.isEmpty() && id.isEmpty();
    }

    private static ImageNames ofAppc(String image) {
        Matcher digest = DIGEST.matcher(image);
        if (digest.matches()) {
            return of(Optional.of(new ImageId(digest.group(2))), Optional.of(query(digest.group(1))));
        }
        String name = withoutLatest(image);
        return name.startsWith(ImageId.PREFIX)
                ? of(Optional.of(ImageId.parse(name)), Optional.empty())
                : of(Optional.empty(), Optional.of(query(name)));
    }

    private static ImageNames of(Optional<ImageId> id, Optional<ImageQuery> query) {
        return new ImageNames(id, Optional.empty(), query, Optional.empty(), Optional.empty());
    }

    private static <T> Optional<T> read(Function<String, T> parser, String text) {
        try {
            return Optional.of(parser.apply(text));
        } catch (AestusException _) {
            return Optional.empty();
        }
    }

    private static ImageQuery query(String name) {
        return ImageQuery.parse(withoutLatest(name));
    }

    private static String withoutLatest(String name) {
        return name.endsWith(LATEST) ? name.substring(0, name.length() - LATEST.length()) : name;
    }
}
