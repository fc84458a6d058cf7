package io.aestus.executor;

import io.aestus.appc.RuntimeApp;

/**
 * An app as asked for.
 *
 * @param app names its image by ID; without an {@code app} of its own it runs the image's
 * @param options what the schema has no words for
 */
public record AppSpec(RuntimeApp app, AppOptions options) {
    public static AppSpec of(RuntimeApp app) {
        return new AppSpec(app, AppOptions.DEFAULT);
    }
}
