package io.aestus.executor;

import java.util.List;
import java.util.Optional;

/**
 * As whom the programs of an app run and what they may, where the manifest has no words for it. Whoever runs the pod says this,
 * never an image. Immutable.
 *
 * @param groups which groups its user is in
 * @param ambientCapabilities what its programs have even if they are not root's, such as {@code CAP_NET_RAW}
 * @param seccomp which system calls they may make; empty for what the isolators say
 */
public record AppRights(Groups groups, List<String> ambientCapabilities, Optional<SeccompProfile> seccomp) {
    /** What the manifest says. */
    public static final AppRights USUAL = new AppRights(Groups.AS_WRITTEN, List.of(), Optional.empty());

    public AppRights {
        ambientCapabilities = List.copyOf(ambientCapabilities);
    }

    /** Which groups a user is in, besides the app's own and its supplementary ones. */
    public enum Groups {
        /** Those of the image's {@code group} file if the app's group is its user's. */
        AS_WRITTEN,
        /** Those of the image's {@code group} file. */
        OF_IMAGE_TOO,
        /** No others. */
        NONE_ELSE
    }
}
