/**
 * Who may sign which images, and whether a signature holds: OpenPGP keys by name prefix, detached signatures over images as delivered.
 *
 * <p>Start at {@link io.aestus.trust.SignatureVerification}: it takes the {@link io.aestus.trust.TrustedKeys} that a
 * {@link io.aestus.trust.KeyStore} holds for an image's name and a {@link io.aestus.trust.DetachedSignature}, refuses before the first
 * byte what cannot become good, hashes the image while it streams by, and alone can make a
 * {@link io.aestus.trust.VerifiedSignature}.
 *
 * <p>Whether a key may sign at all (its own statements, revocations, expiry, flags, back signatures) is for
 * {@link io.aestus.trust.KeyJudge}; which algorithms count is for {@link io.aestus.trust.SignaturePolicy}.
 *
 * <p>Uses {@code appc} for names. Bouncy Castle reads packets and does the arithmetic of one signature; bulk data is hashed by the
 * JDK, which is three times as fast. Nothing here opens a network connection. Values are immutable; a
 * {@code SignatureVerification} belongs to one thread, everything else may be shared.
 */
@NullMarked
package io.aestus.trust;

import org.jspecify.annotations.NullMarked;
