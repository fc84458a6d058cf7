/**
 * The App Container schema, version 0.8.11: image and pod manifests as records, each rule beside its field. Start at
 * {@link ImageManifest} and {@link PodManifest}; {@link App} is what both say about execution, {@link Isolators} how it is
 * confined, {@link ImageQuery} what a user types, {@link Mounts} and {@link Ports} what a pod and its images say together.
 *
 * <p>May use {@code io.aestus.json}. Invariants: a value that exists is valid, since constructors refuse what they must
 * never hold and {@code parse} and {@code read} refuse bad input with its place; reading is tolerant where images in the
 * world need it, writing is canonical. Everything is immutable and safe to share between threads; builders are not.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/SPEC.md">App Container Specification</a>
 */
@NullMarked
package io.aestus.appc;

import org.jspecify.annotations.NullMarked;
