/**
 * JSON in bounded form, for manifests and for the small records that Aestus keeps on disk. Start at {@link JsonReader}:
 * it turns bytes into a {@link JsonView}, a value that knows where it stands, so that an error names its place. {@link
 * Json} is the bare, immutable tree; {@link JsonWriter} turns it back into bytes.
 *
 * <p>Invariants: no tree that was read is deeper, longer or more ambiguous than its {@link JsonLimits} allow: no doubled
 * keys, no NUL, no lone surrogates, nothing behind the end. Built on jackson-core's streaming classes alone, since data
 * binding costs start-up time. Everything here is immutable and safe to share between threads, builders excepted.
 */
@NullMarked
package io.aestus.json;

import org.jspecify.annotations.NullMarked;
