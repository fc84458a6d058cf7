package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.cri.v1.VersionRequest;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A first look at what {@code make fuzz} does for ten minutes. */
@Timeout(300)
class RandomRequestsTest extends ServedFakes {
    private static final int REQUESTS = 3000;

    @Test
    void whatever_is_asked_the_server_is_not_to_blame() {
        long seed = new Random().nextLong();
        var requests = new RandomRequests(client.channel(), Choices.of(new Random(seed)));
        for (int i = 0; i < REQUESTS; i++) {
            try {
                requests.send();
            } catch (AssertionError e) {
                throw new AssertionError("with seed " + seed + ", request " + i, e);
            }
        }
        assertEquals(
                "v1",
                client.runtime.version(VersionRequest.getDefaultInstance()).getRuntimeApiVersion());
    }
}
