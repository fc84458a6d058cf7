/**
 * The App Container Image as an archive: reading, checking, unpacking, building.
 *
 * <p>Start at {@link io.aestus.aci.Unpacker}. Everything that looks into an archive goes through one reader:
 * {@link io.aestus.aci.TarReader} turns bytes into entries, {@link io.aestus.aci.ImageReader} holds the rules of an image
 * over them (what may stand where, nothing twice, nothing through a link) and hashes every byte on the way. Unpacking,
 * validating and comparing are visitors of that reader, so they cannot disagree about what an archive says.
 *
 * <p>May use {@code appc}, {@code json} and {@code linux}. Nothing here is thread-safe; nothing starts a thread. Files are made
 * relative to descriptors of directories, never by a path that an archive could have bent.
 */
@NullMarked
package io.aestus.aci;

import org.jspecify.annotations.NullMarked;
