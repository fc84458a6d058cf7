package io.aestus.fetch;

import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The contexts of one configuration, each made when it is first needed: reading a host's authorities takes a while. */
final class TlsContexts {
    private final FetchConfig config;
    private @Nullable SSLContext checking;
    private @Nullable SSLContext blind;

    TlsContexts(FetchConfig config) {
        this.config = config;
    }

    synchronized SSLContext forPolicy(FetchPolicy policy) {
        if (policy.allows(Insecure.TLS)) {
            blind = Optional.ofNullable(blind).orElseGet(CertificateAuthorities::blind);
            return blind;
        }
        checking = Optional.ofNullable(checking).orElseGet(() -> CertificateAuthorities.context(config.caFile()));
        return checking;
    }
}
