package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageQuery;
import io.aestus.oci.OciReference;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** How a user names an image. */
public sealed interface ImageReference {
    /** With two slashes or without, as rkt has it. */
    String DOCKER = "docker:";

    /** Where a name alone means an OCI image, this before it says that it does not. */
    String ACI = "aci://";

    /** An image of the store, by a prefix of its ID. */
    record Id(String prefix) implements ImageReference {
        private static final Pattern FORM = Pattern.compile("sha512-[0-9a-f]{2,128}");

        public Id {
            if (!FORM.matcher(prefix).matches()) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read image ID " + Quoted.of(prefix)
                                + ": expected sha512- and 2 to 128 hexadecimal digits");
            }
        }

        @Override
        public String toString() {
            return prefix;
        }
    }

    /** A name with labels, to be found by discovery. */
    record Name(ImageQuery query) implements ImageReference {
        @Override
        public String toString() {
            return query.toString();
        }
    }

    /** An archive on this host. */
    record Archive(Path path) implements ImageReference {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** An archive on a server. */
    record Url(URI url) implements ImageReference {
        @Override
        public String toString() {
            return url.toString();
        }
    }

    /** An OCI image, at a registry or in the store. */
    record Oci(OciReference name) implements ImageReference {
        @Override
        public String toString() {
            return OciReference.SCHEME + name;
        }
    }

    /**
     * Reads the name of an OCI image without anything before it.
     *
     * @throws AestusException {@link Problem#INVALID} if it is none
     */
    static ImageReference ofOci(String name) {
        return new Oci(OciReference.parse(name));
    }

    /**
     * Reads a reference in rkt's order: {@code docker:} begins the name of an OCI image; an ID begins with {@code sha512-}; what has a scheme is a URL; of the rest, what is
     * absolute, is a file here, contains {@code ./} or ends in {@code .aci} without a colon is a path; all else is a name.
     *
     * @throws AestusException {@link Problem#INVALID} if it is none of these, {@link Problem#UNSUPPORTED} for a scheme that
     *     Aestus does not fetch from
     */
    static ImageReference parse(String text) {
        if (text.startsWith("sha512-")) {
            return new Id(text);
        }
        if (text.startsWith(DOCKER)) {
            String name = text.substring(DOCKER.length());
            return new Oci(OciReference.parse(name.startsWith("//") ? name.substring(2) : name));
        }
        if (text.startsWith(ACI)) {
            return new Name(ImageQuery.parse(text.substring(ACI.length())));
        }
        int scheme = text.indexOf("://");
        if (scheme > 0 || text.startsWith("file:")) {
            return ofUrl(text);
        }
        if (isPath(text)) {
            return new Archive(Path.of(text).toAbsolutePath().normalize());
        }
        return new Name(ImageQuery.parse(text));
    }

    private static boolean isPath(String text) {
        return text.startsWith("/")
                || text.contains("./")
                || (text.endsWith(".aci") && text.indexOf(':') < 0)
                || (text.indexOf('\0') < 0 && Files.isRegularFile(Path.of(text)));
    }

    private static ImageReference ofUrl(String text) {
        URI url;
        try {
            url = new URI(text).normalize();
        } catch (URISyntaxException e) {
            throw new AestusException(Problem.INVALID, "cannot read URL " + Quoted.of(text) + ": " + e.getReason(), e);
        }
        String path = url.getPath();
        switch (String.valueOf(url.getScheme())) {
            case "file", "http", "https" -> {
                if (path == null || !path.endsWith(".aci")) {
                    throw new AestusException(
                            Problem.INVALID, "cannot fetch " + Quoted.of(text) + ": its path does not end in .aci");
                }
            }
            case String other ->
                throw new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot fetch " + Quoted.of(text) + ": scheme " + Quoted.of(other) + " is not supported");
        }
        if (url.getScheme().equals("file")) {
            return new Archive(Path.of(path));
        }
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            throw new AestusException(
                            Problem.INVALID,
                            "cannot fetch " + Quoted.of(text.replaceFirst("//.*@", "//…@"))
                                    + ": a URL needs a host, and no user information or fragment")
                    .withRemedy("put credentials into auth.d");
        }
        return new Url(url);
    }
}
