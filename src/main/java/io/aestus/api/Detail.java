package io.aestus.api;

/** How much is told. */
enum Detail {
    BASIC,
    /** Manifests too. */
    FULL
}
