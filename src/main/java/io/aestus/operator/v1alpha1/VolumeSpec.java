package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * A directory that apps of the pod can mount.
 *
 * @param name referred to by the mounts of the apps, or by the name of an image's mount point
 * @param emptyDir made with the pod, removed with it
 * @param hostPath of the node
 * @param image the files of an image
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "[has(self.emptyDir), has(self.hostPath), has(self.image)].exists_one(is, is)",
        message = "a volume is one of emptyDir, hostPath and image")
public record VolumeSpec(
        @Required @Pattern(AppSpec.AC_NAME) @Size(max = 63) @JsonPropertyDescription("Unique in the pod.")
        String name,

        @JsonPropertyDescription("A directory that lives and dies with the pod.") @Nullable
        EmptyDir emptyDir,

        @JsonPropertyDescription("A file or directory of the node.") @Nullable
        HostPath hostPath,

        @JsonPropertyDescription("The files of an image, read-only and not to be executed.") @Nullable
        ImageFiles image) {

    /** What an {@link EmptyDir} is kept on. */
    public enum Medium {
        @JsonProperty("Disk")
        DISK,
        @JsonProperty("Memory")
        MEMORY
    }

    /**
     * A directory made with the pod and removed with it.
     *
     * @param medium disk unless said
     * @param sizeLimit enforced for memory; a disk has no limit of its own
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record EmptyDir(
            @JsonPropertyDescription("Disk (default) or Memory.") @Nullable
            Medium medium,

            @JsonPropertyDescription("The most it may hold; for medium Memory.") @Nullable
            Quantity sizeLimit) {}

    /**
     * A file or directory of the node.
     *
     * @param path absolute
     * @param readOnly for every app
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HostPath(
            @Required
            @Pattern(AppSpec.ABSOLUTE_PATH)
            @Size(max = 4095)
            @JsonPropertyDescription("Absolute path on the node.")
            String path,

            @JsonPropertyDescription("Read-only for every app, whatever its mount says.") @Nullable
            Boolean readOnly) {}

    /**
     * The files of an image.
     *
     * @param source fetched and verified as the image of an app
     * @param subPath in the image; all of it unless said
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ImageFiles(
            @Required @JsonPropertyDescription("Which image, named as that of an app.")
            AppSpec.Image source,

            @Size(max = 4095)
            @JsonPropertyDescription("A path in the image, without ..; all of it if left out.")
            @Nullable
            String subPath) {}
}
