package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the store knows of an image beside its manifest: {@code image.json}.
 *
 * @param origin URL or file it came from
 * @param signers fingerprints of the keys whose signatures were verified; empty when it was admitted unsigned
 * @param isLatest whether it was fetched without asking for a version: then it is preferred where none is asked
 * @param etag validator of the origin, for asking whether it changed
 * @param freshUntil until when the origin need not be asked
 * @param imported when it was stored
 * @param blobBytes length of the archive as fetched
 * @param treeBytes length of its files
 * @param impliedDirectories directories that it has without describing them
 * @param oci of what it is made, if it is an OCI image
 */
public record ImageRecord(
        String origin,
        List<String> signers,
        boolean isLatest,
        Optional<String> etag,
        Optional<Instant> freshUntil,
        Instant imported,
        long blobBytes,
        long treeBytes,
        List<String> impliedDirectories,
        Optional<OciParts> oci) {
    static final String FILE = "image.json";

    /** Room for tens of thousands of implied directories. */
    private static final JsonLimits LIMITS = new JsonLimits(8 << 20, 8);

    public ImageRecord {
        signers = List.copyOf(signers);
        impliedDirectories = List.copyOf(impliedDirectories);
    }

    /** What is known before an image is stored; {@link ImageStore#commit} adds the rest. */
    public static ImageRecord from(String origin, List<String> signers) {
        return new ImageRecord(
                origin,
                signers,
                false,
                Optional.empty(),
                Optional.empty(),
                Instant.EPOCH,
                0,
                0,
                List.of(),
                Optional.empty());
    }

    /** The same, fetched without asking for a version. */
    public ImageRecord asLatest() {
        return new ImageRecord(
                origin, signers, true, etag, freshUntil, imported, blobBytes, treeBytes, impliedDirectories, oci);
    }

    /** The same, with what the origin said about caching. */
    public ImageRecord withCaching(Optional<String> newEtag, Optional<Instant> newFreshUntil) {
        return new ImageRecord(
                origin,
                signers,
                isLatest,
                newEtag,
                newFreshUntil,
                imported,
                blobBytes,
                treeBytes,
                impliedDirectories,
                oci);
    }

    ImageRecord stored(Instant at, long newBlobBytes, long newTreeBytes, List<String> implied) {
        return new ImageRecord(
                origin, signers, isLatest, etag, freshUntil, at, newBlobBytes, newTreeBytes, implied, oci);
    }

    /** The record of an image that was fetched again: what is new counts, but a verified signature is not forgotten. */
    ImageRecord over(ImageRecord before, long newBlobBytes) {
        return new ImageRecord(
                origin,
                signers.isEmpty() ? before.signers : signers,
                isLatest || before.isLatest,
                etag,
                freshUntil,
                imported,
                newBlobBytes,
                before.treeBytes,
                before.impliedDirectories,
                oci);
    }

    /** The same for an OCI image. */
    ImageRecord madeOf(OciParts parts) {
        return new ImageRecord(
                origin,
                signers,
                isLatest,
                etag,
                freshUntil,
                imported,
                blobBytes,
                treeBytes,
                impliedDirectories,
                Optional.of(parts));
    }

    static ImageRecord read(byte[] text) {
        JsonView json = JsonReader.readOwn(text, FILE, LIMITS);
        return new ImageRecord(
                json.required("origin").string(),
                json.strings("signers"),
                json.isTrue("latest"),
                json.optional("etag").map(JsonView::string),
                json.optional("freshUntil").map(JsonView::instant),
                json.required("imported").instant(),
                json.required("blobBytes").whole(0, Long.MAX_VALUE),
                json.required("treeBytes").whole(0, Long.MAX_VALUE),
                json.strings("impliedDirectories").stream()
                        .map(EscapedName::unescaped)
                        .toList(),
                json.optional("oci").map(OciParts::read));
    }

    /** @throws AestusException {@link Problem#EXHAUSTED} if it could not be read again */
    byte[] toJson() {
        byte[] json = json();
        if (json.length > LIMITS.bytes()) {
            throw new AestusException(
                    Problem.EXHAUSTED,
                    "cannot store image: it leaves " + impliedDirectories.size()
                            + " directories undescribed, and their names take more than " + LIMITS.bytes() + " bytes");
        }
        return json;
    }

    private byte[] json() {
        return JsonWriter.pretty(JsonObject.builder()
                .put("origin", origin)
                .putUnlessEmpty("signers", array(signers))
                .putIfTrue("latest", isLatest)
                .put("etag", etag)
                .put("freshUntil", freshUntil.map(Instant::toString))
                .put("imported", imported)
                .put("blobBytes", blobBytes)
                .put("treeBytes", treeBytes)
                .putUnlessEmpty(
                        "impliedDirectories",
                        array(impliedDirectories.stream()
                                .map(EscapedName::escaped)
                                .toList()))
                .put("oci", oci.map(OciParts::toJson))
                .build());
    }

    private static JsonArray array(List<String> texts) {
        return new JsonArray(List.copyOf(texts.stream().map(JsonString::new).toList()));
    }
}
