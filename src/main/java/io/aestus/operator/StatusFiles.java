package io.aestus.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.operator.v1alpha1.AppPodStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** The status of AppPods without an API server: a file of JSON for each. Losing one is harmless; it is written again. */
final class StatusFiles {
    private static final Logger LOG = System.getLogger(StatusFiles.class.getName());

    private final Path directory;

    StatusFiles(Path directory) {
        this.directory = directory;
    }

    /** Names have no underscore, so no two AppPods share a file. */
    private Path file(PodKey key) {
        return directory.resolve(key.namespace() + "_" + key.name() + ".json");
    }

    Optional<AppPodStatus> read(PodKey key) {
        try {
            return Optional.of(AppPodReader.JSON.readValue(Files.readString(file(key)), AppPodStatus.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) { // of another version, or damaged
            LOG.log(Level.INFO, "status of AppPod " + key + " is written anew: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** @throws AestusException {@link Problem#EXHAUSTED} or another, when the disk refuses */
    void write(PodKey key, AppPodStatus status) {
        try {
            Files.createDirectories(directory);
            Path next = Files.createTempFile(directory, ".status", ".new");
            Files.writeString(
                    next, AppPodReader.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(status));
            Files.move(next, file(key), StandardCopyOption.ATOMIC_MOVE);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a status as JSON", e);
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot write status of AppPod " + key + ": " + e.getMessage(), e);
        }
    }

    void delete(PodKey key) {
        try {
            Files.deleteIfExists(file(key));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot delete status of AppPod " + key + ": " + e.getMessage());
        }
    }
}
