package io.aestus.cri;

import io.aestus.appc.App;
import io.aestus.cri.v1.Image;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.Int64Value;
import io.aestus.store.StoredImage;
import java.util.regex.Pattern;

/** Images as the kubelet knows them. */
final class Images {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    private Images() {}

    static Image toImage(StoredImage image) {
        var result = Image.newBuilder()
                .setId(image.id().toString())
                .addRepoTags(shownName(image))
                .addRepoDigests(reference(image))
                .setSize(Math.max(1, image.bytes()))
                .setSpec(ImageSpec.newBuilder().setImage(image.id().toString()));
        image.manifest().app().map(App::user).ifPresent(user -> addUser(user, result));
        return result.build();
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
        return image.manifest().name() + ":"
                + image.manifest().labels().version().orElse("latest");
    }

    /** The name with the content that it stands for. */
    static String reference(StoredImage image) {
        return image.manifest().name() + "@sha512:" + image.id().hex();
    }
}
