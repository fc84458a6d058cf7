package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.oci.Content;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.oci.OciDocument;
import io.aestus.oci.OciReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One server of a registry, as far as one repository goes. Whatever it sends is compared with the digest by which it was asked for; a
 * tag's manifest with the digest that the server itself names. Thread-safe; each layer has a transport of its own.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull">OCI: Distribution, Pull</a>
 */
final class Registry implements AutoCloseable {
    private final RegistryHost host;
    private final OciReference name;
    private final FetchLimits limits;
    private final Function<Identity, HttpTransport> transports;
    private final HttpTransport tokens;
    private final RegistrySession session;
    private final HttpTransport transport;

    /** @param transports makes one that shows what it is given */
    Registry(
            RegistryHost host,
            OciReference name,
            Optional<RegistryLogin> login,
            FetchLimits limits,
            Function<Identity, HttpTransport> transports) {
        this.host = host;
        this.name = name;
        this.limits = limits;
        this.transports = transports;
        this.tokens = transports.apply(_ -> Optional.empty());
        this.session = new RegistrySession(host, name.repository(), login, tokens);
        this.transport = transports.apply(session);
    }

    /** What the name stands for. */
    Content resolve() throws IOException {
        String version = name.version();
        Map<String, String> headers = headers();
        headers.put("Accept", OciDocument.ACCEPTED);
        try (HttpAnswer answer = get("manifests/" + version, headers)) {
            byte[] bytes = body(answer, "manifest " + version);
            if (name.digest().isPresent()) {
                return Content.verified(bytes, name.digest().get(), host.shown());
            }
            Optional<String> said = answer.header("Docker-Content-Digest");
            return said.isPresent()
                    ? Content.verified(bytes, Digest.parse(said.get().strip()), host.shown())
                    : Content.of(bytes);
        }
    }

    /** A manifest that an index names. */
    Content manifest(Descriptor descriptor) throws IOException {
        Map<String, String> headers = headers();
        headers.put("Accept", OciDocument.ACCEPTED);
        try (HttpAnswer answer = get("manifests/" + descriptor.digest(), headers)) {
            return Content.verified(body(answer, "manifest " + descriptor.digest()), descriptor, host.shown());
        }
    }

    /** A small blob. */
    Content blob(Descriptor descriptor) throws IOException {
        try (HttpAnswer answer = get("blobs/" + descriptor.digest(), headers())) {
            return Content.verified(body(answer, "blob " + descriptor.digest()), descriptor, host.shown());
        }
    }

    /** Who takes what arrives. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes it to its end.
         *
         * @param breakOff ends a read of {@code in} that waits
         */
        void take(InputStream in, Runnable breakOff) throws IOException;
    }

    /** A layer, in one pass; taken up where it was if the connection breaks. */
    void layer(Descriptor descriptor, Taker taker) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int generation = session.generation();
            try (HttpTransport own = transports.apply(session);
                    Download download = Download.open(
                            own,
                            limits,
                            host.at(name.repository() + "/blobs/" + descriptor.digest()),
                            host.allowsHttp(),
                            Download.Known.NOTHING,
                            host.headers(),
                            Map.of())) {
                if (download.status() == HttpURLConnection.HTTP_OK) {
                    taker.take(download, own::close);
                    return;
                }
                boolean isOver = attempt > 1 || download.status() != HttpURLConnection.HTTP_UNAUTHORIZED;
                if (isOver || !session.meet(download.answer(), generation)) {
                    throw refusal("layer " + descriptor.digest().abbreviated() + "…", download.status());
                }
            }
        }
    }

    private Map<String, String> headers() {
        return new HashMap<>(host.headers());
    }

    private HttpAnswer get(String path, Map<String, String> headers) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int generation = session.generation();
            HttpAnswer answer = transport.get(host.at(name.repository() + "/" + path), headers, host.allowsHttp());
            boolean isRefused = answer.status() == HttpURLConnection.HTTP_UNAUTHORIZED && attempt == 1;
            try {
                if (!isRefused || !session.meet(answer, generation)) {
                    return answer;
                }
            } catch (IOException | RuntimeException e) {
                answer.close();
                throw e;
            }
            answer.close();
        }
    }

    private byte[] body(HttpAnswer answer, String what) throws IOException {
        if (answer.status() != HttpURLConnection.HTTP_OK) {
            throw refusal(what, answer.status());
        }
        byte[] bytes = answer.body().readNBytes(OciDocument.LARGEST_BYTES + 1);
        if (bytes.length > OciDocument.LARGEST_BYTES) {
            throw new AestusException(
                    Problem.EXHAUSTED,
                    "cannot fetch " + name + ": its " + what + " has more than " + OciDocument.LARGEST_BYTES
                            + " bytes");
        }
        answer.readToEnd();
        return bytes;
    }

    private AestusException refusal(String what, int status) {
        return FetchFailures.ofStatus(name + ", " + what + " at " + host.shown(), status);
    }

    @Override
    public void close() {
        transport.close();
        tokens.close();
    }
}
