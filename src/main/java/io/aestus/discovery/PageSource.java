package io.aestus.discovery;

import io.aestus.AestusException;
import java.net.URI;

/** Where discovery gets its pages from. Redirects, certificates, retries, time and size limits are the source's business. */
@FunctionalInterface
public interface PageSource {
    /**
     * Asks once for the page at {@code url}.
     *
     * @return what the server said, whatever its status
     * @throws AestusException if there is no answer: no such host, no connection, no trust in the certificate, a
     *     page over the limit
     */
    Page get(URI url);

    /** An answer. */
    final class Page {
        private final int status;
        private final byte[] body;

        /** Takes {@code body}. */
        public Page(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }

        /** Of the last redirect's target. */
        public int status() {
            return status;
        }

        /** The body, in a character set that is still to be found out; empty unless the status is 200. Lent. */
        public byte[] body() {
            return body;
        }
    }
}
