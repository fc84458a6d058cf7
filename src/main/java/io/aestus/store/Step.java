package io.aestus.store;

import java.io.IOException;

/** The moments at which a killed process leaves a different disk behind. Tests stop at each of them. */
enum Step {
    STAGE_MADE,
    RECORD_WRITTEN,
    DATA_DURABLE,
    BLOB_RENAMED,
    SIGNATURE_RENAMED,
    IMAGE_RENAMED,
    IMAGE_DURABLE,
    RECORD_REPLACED,
    IMAGE_TAKEN_AWAY,
    BLOB_TAKEN_AWAY,
    LAYERS_WRITTEN,
    LAYER_RENAMED,
    REFERENCE_MADE,
    LAYER_TAKEN_AWAY,
    TREE_RENDERED,
    TREE_RENAMED;

    /** Is told of each step right after it happened. */
    interface Observer {
        Observer NONE = step -> {};

        void reached(Step step) throws IOException;
    }
}
