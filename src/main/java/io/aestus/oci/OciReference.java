package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image at a registry, with what Docker leaves out filled in: {@code nginx} is {@code
 * docker.io/library/nginx:latest}. Immutable.
 *
 * @param registry host, with a port where it has one; the name, not necessarily the host that is asked
 * @param repository below it, in small letters
 * @param tag empty where there is a digest only
 * @param digest exactly this image, or index of images; then the tag decides nothing
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests">OCI: names and tags</a>
 */
public record OciReference(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
    /** What rkt's users write before such a name. */
    public static final String SCHEME = "docker://";

    private static final String DOCKER = "docker.io";
    private static final String LATEST = "latest";
    private static final int LONGEST = 255;
    private static final Pattern REGISTRY =
            Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    public OciReference {
        if (tag.isEmpty() && digest.isEmpty()) {
            throw new IllegalArgumentException("neither a tag nor a digest");
        }
    }

    /**
     * Reads a name as Docker does, without {@link #SCHEME}.
     *
     * @throws AestusException {@link Problem#INVALID} if it is none
     */
    public static OciReference parse(String text) {
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
        if (colon >= 0) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        int slash = rest.indexOf('/');
        boolean hasRegistry = slash > 0 && isRegistry(rest.substring(0, slash));
        String registry = hasRegistry ? rest.substring(0, slash) : DOCKER;
        String repository = hasRegistry ? rest.substring(slash + 1) : rest;
        if (registry.equals("index.docker.io")) {
            registry = DOCKER;
        }
        if (registry.equals(DOCKER) && repository.indexOf('/') < 0) {
            repository = "library/" + repository;
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of(LATEST);
        }
        check(text, registry, repository, tag);
        return new OciReference(registry, repository, tag, digest);
    }

    /** A first part that can be nothing but a host: what has neither a dot nor a port is a user of Docker's own registry. */
    private static boolean isRegistry(String part) {
        return part.indexOf('.') >= 0 || part.indexOf(':') >= 0 || part.equals("localhost");
    }

    private static void check(String text, String registry, String repository, Optional<String> tag) {
        if (!REGISTRY.matcher(registry).matches()) {
            throw new MalformedException("image name", text, "must have a host before its first slash");
        }
        if (registry.length() + 1 + repository.length() > LONGEST
                || !REPOSITORY.matcher(repository).matches()) {
            throw new MalformedException(
                    "image name",
                    text,
                    "must be of small letters, digits, and . _ - between them, and " + LONGEST + " at most");
        }
        if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
            throw new MalformedException(
                    "image name", text, "must have a tag of letters, digits, _ . and -, 128 at most");
        }
    }

    /** Registry and repository. */
    public String name() {
        return registry + "/" + repository;
    }

    /** The same name for exactly this content. */
    public OciReference pinnedTo(Digest content) {
        return new OciReference(registry, repository, Optional.empty(), Optional.of(content));
    }

    /** Without the tag that stands beside a digest and decides nothing. */
    public OciReference decisive() {
        return digest.isPresent() ? new OciReference(registry, repository, Optional.empty(), digest) : this;
    }

    /** What the registry is asked for: the digest if there is one. */
    public String version() {
        return digest.map(Digest::toString).or(() -> tag).orElseThrow();
    }

    @Override
    public String toString() {
        return name()
                + tag.map(text -> ":" + text).orElse("")
                + digest.map(content -> "@" + content).orElse("");
    }
}
