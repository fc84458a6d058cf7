package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What we show to servers, by host: the {@code auth.d/*.json} files of the configuration directories, in the form that rkt
 * reads too. Sent over https only, and only to the host that was asked, never to where it redirects. Immutable.
 *
 * <pre>{@code
 * {"rktKind": "auth", "rktVersion": "v1", "domains": ["dl.example.com", "example.com:8443"],
 *  "type": "basic", "credentials": {"user": "…", "password": "…"}}
 * {…, "type": "oauth", "credentials": {"token": "…"}}
 * }</pre>
 */
public final class Credentials {
    public static final Credentials NONE = new Credentials(Map.of());

    private static final int LONGEST_FILE = 1 << 20;

    private final Map<String, String> authorizations;

    private Credentials(Map<String, String> authorizations) {
        this.authorizations = Map.copyOf(authorizations);
    }

    /**
     * Reads the direct, regular {@code *.json} files of each {@code auth.d}. A host in a later directory replaces the same
     * host in an earlier one; twice in one directory is an error.
     *
     * @throws AestusException {@link Problem#INVALID} naming the file and the place in it
     */
    public static Credentials read(List<Path> configDirs) {
        var all = new HashMap<String, String>();
        for (Path dir : configDirs) {
            var ofDir = new HashMap<String, String>();
            for (Path file : jsonFiles(dir.resolve("auth.d"))) {
                read(file).forEach((host, secret) -> {
                    if (ofDir.put(host, secret) != null) {
                        throw new AestusException(
                                Problem.INVALID,
                                "cannot read " + file + ": another file beside it has credentials for "
                                        + Quoted.of(host) + " too");
                    }
                });
            }
            all.putAll(ofDir);
        }
        return new Credentials(all);
    }

    /** The value of {@code Authorization} for a server; the entry with its port wins. */
    Optional<String> forUrl(URI url) {
        String host = url.getHost().toLowerCase(Locale.ROOT);
        int port = url.getPort() < 0 ? 443 : url.getPort();
        return Stream.of(host + ":" + port, host)
                .filter(authorizations::containsKey)
                .findFirst()
                .map(authorizations::get);
    }

    private static List<Path> jsonFiles(Path dir) {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
    }

    private static Map<String, String> read(Path file) {
        JsonView root;
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new IOException("it is longer than " + LONGEST_FILE + " bytes");
            }
            root = JsonReader.read(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (!root.required("rktKind").string().equals("auth")) {
            return Map.of(); // dockerAuth and the like are others' business
        }
        root.required("rktVersion").oneOf(Map.of("v1", true));
        String secret = authorization(root);
        var authorizations = new HashMap<String, String>();
        for (JsonView domain : root.required("domains").elements()) {
            if (authorizations.put(domain.string().toLowerCase(Locale.ROOT), secret) != null) {
                throw domain.failure("is there twice");
            }
        }
        return authorizations;
    }

    private static String authorization(JsonView root) {
        JsonView type = root.required("type");
        JsonView secret = root.required("credentials");
        return switch (type.string()) {
            case "basic" -> "Basic " + base64(line(secret.required("user")) + ":" + line(secret.required("password")));
            case "oauth" -> "Bearer " + line(secret.required("token"));
            case "aws" -> throw type.failure("is aws, which signs each request and is not supported");
            case String other -> throw type.failure("must be basic or oauth, not " + Quoted.of(other));
        };
    }

    /** Text that cannot begin another header. */
    private static String line(JsonView text) {
        String line = text.string();
        if (line.chars().anyMatch(Character::isISOControl)) {
            throw text.failure("must be one line of text");
        }
        return line;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static AestusException unreadable(Path path, IOException e) {
        return new AestusException(Problem.DENIED, "cannot read " + path + ": " + e.getMessage(), e);
    }
}
