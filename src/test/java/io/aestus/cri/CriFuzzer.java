package io.aestus.cri;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/**
 * What Jazzer calls with whatever leads it into code where it was not yet: some requests in a row, to one server that lives as
 * long as the process. See {@code scripts/fuzz}.
 */
public final class CriFuzzer {
    private static final int IN_A_ROW = 20;
    private static final CriClient CLIENT = serve();

    private CriFuzzer() {}

    private static CriClient serve() {
        try {
            var settings = new CriSettings(
                    Files.createTempDirectory("aestus-fuzz").resolve("cri.sock"),
                    Optional.empty(),
                    "0.1.0",
                    FakeNetwork.MISSING);
            new CriServer(settings, new FakePods(), new FakeImages().remote(ServedFakes.BUSYBOX)).start();
            return new CriClient(settings.socket());
        } catch (IOException e) {
            throw new IllegalStateException("cannot serve", e);
        }
    }

    /** Jazzer's entry. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        var requests = new RandomRequests(CLIENT.channel(), choices(data));
        for (int i = 0; i < IN_A_ROW && data.remainingBytes() > 0; i++) {
            requests.send();
        }
    }

    private static Choices choices(FuzzedDataProvider data) {
        return new Choices() {
            @Override
            public int below(int bound) {
                return data.consumeInt(0, bound - 1);
            }

            @Override
            public long whole() {
                return data.consumeLong();
            }

            @Override
            public String text() {
                return data.consumeString(40);
            }

            @Override
            public ByteString bytes() {
                return ByteString.copyFrom(data.consumeBytes(40));
            }
        };
    }
}
