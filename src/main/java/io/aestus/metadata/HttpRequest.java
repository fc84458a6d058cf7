package io.aestus.metadata;

import java.io.IOException;
import java.util.List;

/**
 * What was asked.
 *
 * @param method such as {@code GET}
 * @param path its parts between slashes, as they were sent; without the query
 * @param body reads the body, which is not read before
 */
record HttpRequest(String method, List<String> path, BodyReader body) {
    HttpRequest {
        path = List.copyOf(path);
    }

    /** Reads a form's fields. */
    @FunctionalInterface
    interface BodyReader {
        Form read() throws IOException, Refusal;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }
}
