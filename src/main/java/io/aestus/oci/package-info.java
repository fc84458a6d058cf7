/**
 * The OCI image as data: references, digests, manifests, indexes and configurations, read from hostile JSON, and what a
 * configuration means as an App Container manifest. Docker's schema 2 is read as the same.
 *
 * <p>Start at {@link io.aestus.oci.OciReference} for names, at {@link io.aestus.oci.OciManifest} for what they lead to, and at
 * {@link io.aestus.oci.ImageConfig} for what an image is: its bytes name the digest of every layer, so their hash is the
 * image's ID.
 *
 * <p>May use {@code appc} and {@code json}. Everything here is immutable; nothing touches a disk or a network.
 */
@NullMarked
package io.aestus.oci;

import org.jspecify.annotations.NullMarked;
