package io.aestus.fetch;

import java.util.Optional;
import javax.net.ssl.KeyManager;
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
            return blind();
        }
        return checking();
    }

    private synchronized SSLContext blind() {
        blind = Optional.ofNullable(blind)
                .orElseGet(() -> CertificateAuthorities.blind(CertificateAuthorities.NO_CLIENT));
        return blind;
    }

    /** What a registry's server is checked by, its own authorities if it has some, and what it is shown. */
    SSLContext forHost(RegistryHost host, FetchPolicy policy) {
        boolean isChecked = host.checksCertificate() && !policy.allows(Insecure.TLS);
        if (!host.clients().isEmpty()) {
            KeyManager[] clients = ClientCertificate.managers(host.clients());
            return !isChecked
                    ? CertificateAuthorities.blind(clients)
                    : host.authorities().isEmpty()
                            ? CertificateAuthorities.context(config.caFile(), clients)
                            : CertificateAuthorities.context(host.authorities(), clients);
        }
        if (isChecked) {
            return host.authorities().isEmpty()
                    ? checking()
                    : CertificateAuthorities.context(host.authorities(), CertificateAuthorities.NO_CLIENT);
        }
        return blind();
    }

    private synchronized SSLContext checking() {
        checking = Optional.ofNullable(checking)
                .orElseGet(() -> CertificateAuthorities.context(config.caFile(), CertificateAuthorities.NO_CLIENT));
        return checking;
    }
}
