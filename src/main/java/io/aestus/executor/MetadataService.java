package io.aestus.executor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Answers the apps of pods. The executor listens in each pod's own network and lets those in who connect there, a few at a time
 * and each for some seconds; what is said is this service's affair. Called by many threads at once.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#app-container-metadata-service">appc: Metadata
 *     Service</a>
 */
@FunctionalInterface
public interface MetadataService {
    /**
     * Answers one connection, to its end. Both streams break when its time is over.
     *
     * @throws IOException when the caller is gone
     */
    void answer(Caller caller) throws IOException;

    /**
     * Somebody who connected to a pod's listener: an app of it, or, in a pod with the host's network, any process of the host.
     *
     * @param pod the pod, as it is now
     * @param token what only its apps were told
     * @param in what the caller says. Hostile
     * @param out closing it tells the caller that nothing follows, while {@code in} can still be read
     */
    record Caller(PodStatus pod, String token, InputStream in, OutputStream out) {}
}
