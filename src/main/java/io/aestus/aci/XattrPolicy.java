package io.aestus.aci;

/**
 * Which extended attributes of an image are kept. {@code security.capability} makes a program work without setuid, and
 * {@code user.*} is data. The rest would speak to this host: other {@code security.*} and {@code trusted.*} to its security
 * modules and overlays, {@code user.overlay.*} to an overlay that an unprivileged user mounts.
 */
final class XattrPolicy {
    static final String CAPABILITY = "security.capability";
    private static final String USER = "user.";
    private static final String USER_OVERLAY = "user.overlay.";

    private XattrPolicy() {}

    static boolean keeps(String name, TarEntry.Type type) {
        if (name.equals(CAPABILITY)) {
            return type == TarEntry.Type.FILE;
        }
        // The kernel has user attributes on files and directories only.
        return name.startsWith(USER)
                && !name.startsWith(USER_OVERLAY)
                && (type == TarEntry.Type.FILE || type == TarEntry.Type.DIRECTORY);
    }
}
