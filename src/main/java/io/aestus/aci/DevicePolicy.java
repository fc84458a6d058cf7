package io.aestus.aci;

/** What becomes of the device nodes in an image. The executor gives every app a fresh {@code /dev} whatever is chosen. */
public enum DevicePolicy {
    /** An image with a device node is refused. */
    REFUSE,
    /** Device nodes are left out, and reported. */
    SKIP,
    /** Device nodes are made. Only for images whose maker may see this host's hardware. */
    CREATE
}
