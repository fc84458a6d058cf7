package io.aestus.metadata;

import io.aestus.AestusException;
import io.aestus.executor.MetadataService;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;

/** Answers what apps ask: one request a connection. Thread-safe. */
public final class PodMetadata implements MetadataService {
    private static final System.Logger LOG = System.getLogger("io.aestus.metadata");

    /** How much of what was refused is read all the same, so that its sender hears the answer before the connection breaks. */
    private static final int LINGER_BYTES = 4 << 20;

    private final Endpoints endpoints;

    private PodMetadata(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    /**
     * Answers for the pods of a data directory. Nothing is opened or read before the first request.
     *
     * @param images lent
     */
    public static PodMetadata of(Path directory, ImageStore images) {
        return new PodMetadata(new Endpoints(images, new Identity(new NodeKey(directory.resolve("identity.key")))));
    }

    @Override
    public void answer(Caller caller) throws IOException {
        var reader = new HttpReader(caller.in(), caller.out());
        boolean isHead = false;
        HttpAnswer answer;
        try {
            Optional<HttpRequest> request = reader.next();
            if (request.isEmpty()) {
                return;
            }
            isHead = request.get().isHead();
            answer = endpoints.answer(request.get(), caller.token(), caller.pod());
        } catch (Refusal refusal) {
            answer = HttpAnswer.of(refusal);
        } catch (AestusException e) {
            LOG.log(
                    Level.WARNING,
                    "the metadata service of pod {0}: {1}",
                    caller.pod().uuid(),
                    e.message());
            answer = HttpAnswer.of(Refusal.of(e));
        }
        answer.writeTo(caller.out(), isHead ? HttpAnswer.Part.HEAD : HttpAnswer.Part.ALL);
        caller.out().close();
        if (reader.hasUnread()) {
            caller.in().skip(LINGER_BYTES);
        }
    }
}
