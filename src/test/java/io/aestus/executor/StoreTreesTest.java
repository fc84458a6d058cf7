package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.ImageId;
import io.aestus.metadata.MetadataNode;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTreesTest {
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir
    Path directory;

    private static void age(ImageStore store, ImageId image) throws IOException {
        Path record = store.layout().rootfs(image).resolveSibling("image.json");
        Files.setLastModifiedTime(record, FileTime.from(LONG_AGO));
    }

    private static Instant lastUsed(ImageStore store, ImageId image) throws IOException {
        return store.find(image).orElseThrow().lastUsed();
    }

    @Test
    void the_store_is_told_that_an_image_is_used_and_not_each_time() throws IOException {
        try (var store = MetadataNode.store(directory)) {
            ImageId image = MetadataNode.put(store, UnaryOperator.identity()).id();
            age(store, image);
            var trees = new StoreTrees(store);
            List<Path> layers = trees.layers(image);
            assertTrue(lastUsed(store, image).isAfter(LONG_AGO));
            assertEquals(List.of(), store.gc(Duration.ofHours(1), Set.of()).images());
            age(store, image);
            assertEquals(layers, trees.layers(image));
            assertEquals(LONG_AGO, lastUsed(store, image));
            new StoreTrees(store).layers(image);
            assertTrue(lastUsed(store, image).isAfter(LONG_AGO));
        }
    }

    @Test
    void an_image_that_was_removed_is_missed_at_once() throws IOException {
        try (var store = MetadataNode.store(directory)) {
            ImageId image = MetadataNode.put(store, UnaryOperator.identity()).id();
            var trees = new StoreTrees(store);
            trees.layers(image);
            store.remove(image);
            assertEquals(
                    Problem.NOT_FOUND,
                    assertThrows(AestusException.class, () -> trees.layers(image))
                            .problem());
        }
    }
}
