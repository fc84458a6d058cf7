package io.aestus.appc;

/**
 * A volume and the place where one app sees it.
 *
 * @param readOnly true if the volume or the app's mount point says so
 */
public record ResolvedMount(Volume volume, AbsolutePath path, boolean readOnly, Origin origin) {
    /** Whose the volume is. An empty one's directory is told apart by its name within the pod, or within the app. */
    public enum Origin {
        /** One of the pod's volumes: apps that name it share it. */
        POD,
        /** The app's own. */
        APP,
        /** The app's own, made up because its image has a mount point that nobody filled: worth an event. */
        IMPLICIT
    }
}
