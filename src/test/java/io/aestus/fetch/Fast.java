package io.aestus.fetch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/** Settings under which a test of failures need not wait. */
final class Fast {
    static final FetchLimits LIMITS = new FetchLimits(
            64 << 20, Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60), 4, Duration.ofMillis(5));
    /** For silence that must be noticed; many attempts, since a busy machine is silent too. */
    static final FetchLimits IMPATIENT = new FetchLimits(
            64 << 20, Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofSeconds(60), 30, Duration.ofMillis(5));

    static final FetchPolicy POLICY = FetchPolicy.STANDARD.within(LIMITS);

    private Fast() {}

    static FetchConfig trusting(Path caFile) {
        return new FetchConfig(Optional.of(caFile), Credentials.NONE, Proxies.NONE, "test");
    }

    static HttpTransport transport(FetchConfig config, FetchPolicy policy) {
        var tls = policy.allows(Insecure.TLS)
                ? CertificateAuthorities.blind(CertificateAuthorities.NO_CLIENT)
                : CertificateAuthorities.context(config.caFile(), CertificateAuthorities.NO_CLIENT);
        return new HttpTransport(config, policy, new Boundary(policy), () -> tls);
    }

    /** The same bytes for the same seed. */
    static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
