package io.aestus.cri;

import io.aestus.appc.App;
import io.aestus.cri.v1.Image;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.Int64Value;
import io.aestus.oci.OciReference;
import io.aestus.store.StoredImage;
import java.util.List;
import java.util.regex.Pattern;

/** Images as the kubelet knows them. */
final class Images {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    private Images() {}

    static Image toImage(StoredImage image) {
        var result = Image.newBuilder()
                .setId(image.id().toString())
                .addAllRepoTags(tags(image))
                .addAllRepoDigests(digests(image))
                .setSize(Math.max(1, image.bytes()))
                .setSpec(ImageSpec.newBuilder().setImage(image.id().toString()));
        image.manifest().app().map(App::user).ifPresent(user -> addUser(user, result));
        return result.build();
    }

    private static List<String> tags(StoredImage image) {
        return image.isOci()
                ? image.references().stream()
                        .filter(name -> name.tag().isPresent())
                        .map(OciReference::toString)
                        .toList()
                : List.of(shownName(image));
    }

    private static List<String> digests(StoredImage image) {
        return image.isOci()
                ? image.references().stream()
                        .filter(name -> name.digest().isPresent())
                        .map(OciReference::toString)
                        .toList()
                : List.of(reference(image));
    }

    /** Without a number the kubelet cannot tell whether it is root, and refuses where that matters. */
    private static void addUser(String user, Image.Builder image) {
        if (NUMBER.matcher(user).matches()) {
            image.setUid(Int64Value.newBuilder().setValue(Long.parseLong(user)));
        } else {
            image.setUsername(user);
        }
    }

    /** Name and version, or what the kubelet says in its place. */
    static String shownName(StoredImage image) {
        if (image.isOci()) {
            return image.references().isEmpty() ? image.id().toString() : image.shownName();
        }
        return image.manifest().name() + ":"
                + image.manifest().labels().version().orElse("latest");
    }

    /** The name with the content that it stands for. */
    static String reference(StoredImage image) {
        if (image.isOci()) {
            return digests(image).stream().findFirst().orElse(image.id().toString());
        }
        return image.manifest().name() + "@sha512:" + image.id().hex();
    }
}
