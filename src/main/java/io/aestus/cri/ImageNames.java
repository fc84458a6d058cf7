package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Image names as they come through Kubernetes: {@code example.com/web}, {@code example.com/web:1.2}, {@code
 * example.com/web@sha512:…} or an image ID. Never a path or a URL: whoever may write a pod must not read files of the node so.
 *
 * @param id exactly this image
 * @param query what to look for, if there is a name
 */
record ImageNames(Optional<ImageId> id, Optional<ImageQuery> query) {
    private static final Pattern DIGEST = Pattern.compile("(.*)@sha512:([0-9a-f]{128})");

    /** The kubelet adds this tag where the user wrote none; images have no such version. */
    private static final String LATEST = ":latest";

    /** @throws AestusException {@link Problem#INVALID} if it is none of these */
    static ImageNames parse(String image) {
        if (image.contains("://")) {
            throw new AestusException(
                    Problem.INVALID, "cannot read image " + Quoted.of(image) + ": it is a URL, expected a name");
        }
        Matcher digest = DIGEST.matcher(image);
        if (digest.matches()) {
            return new ImageNames(Optional.of(new ImageId(digest.group(2))), Optional.of(query(digest.group(1))));
        }
        String name = withoutLatest(image);
        return name.startsWith(ImageId.PREFIX)
                ? new ImageNames(Optional.of(ImageId.parse(name)), Optional.empty())
                : new ImageNames(Optional.empty(), Optional.of(query(name)));
    }

    private static ImageQuery query(String name) {
        return ImageQuery.parse(withoutLatest(name));
    }

    private static String withoutLatest(String name) {
        return name.endsWith(LATEST) ? name.substring(0, name.length() - LATEST.length()) : name;
    }
}
