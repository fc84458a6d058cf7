package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.discovery.PageSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;

/** Pages, signatures and keys: what fits into memory and is fetched whole or not at all. */
final class SmallFiles implements PageSource {
    private final HttpTransport transport;
    private final FetchPolicy policy;

    SmallFiles(HttpTransport transport, FetchPolicy policy) {
        this.transport = transport;
        this.policy = policy;
    }

    @Override
    public Page get(URI url) {
        boolean allowsHttp = policy.allows(Insecure.HTTP) || policy.allows(Insecure.PUBKEY);
        return get(url, FetchLimits.PAGE_BYTES, allowsHttp);
    }

    /** @throws AestusException if there is no answer, or a longer one than {@code limit} */
    Page get(URI url, int limit, boolean allowsHttp) {
        for (int failures = 1; ; failures++) {
            try {
                return once(url, limit, allowsHttp);
            } catch (IOException e) {
                if (failures >= 2) { // connecting has its own retries; this is a body that broke off
                    throw FetchFailures.of(url.toString(), e);
                }
            }
        }
    }

    /** What the server answers to {@code url}; whatever it sends is left to it. */
    int status(URI url, boolean allowsHttp) {
        try (HttpAnswer answer = transport.get(url, Map.of(), allowsHttp)) {
            return answer.status();
        } catch (IOException e) {
            throw FetchFailures.of(url.toString(), e);
        }
    }

    private Page once(URI url, int limit, boolean allowsHttp) throws IOException {
        try (HttpAnswer answer = transport.get(url, Map.of(), allowsHttp)) {
            if (answer.status() != HttpURLConnection.HTTP_OK) {
                return new Page(answer.status(), new byte[0]);
            }
            InputStream body = answer.body();
            byte[] bytes = body.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new AestusException(
                        Problem.EXHAUSTED, "cannot fetch " + url + ": it is longer than " + limit + " bytes");
            }
            if (answer.length().isPresent() && answer.length().getAsLong() != bytes.length) {
                throw new IOException("connection ended early");
            }
            answer.readToEnd();
            return new Page(answer.status(), bytes);
        }
    }
}
