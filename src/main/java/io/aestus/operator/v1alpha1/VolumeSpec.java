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
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.emptyDir) != has(self.hostPath)",
        message = "a volume is either an emptyDir or a hostPath")
public record VolumeSpec(
        @Required @Pattern(AppSpec.AC_NAME) @Size(max = 63) @JsonPropertyDescription("Unique in the pod.")
        String name,

        @JsonPropertyDescription("A directory that lives and dies with the pod.") @Nullable
        EmptyDir emptyDir,

        @JsonPropertyDescription("A file or directory of the node.") @Nullable
        HostPath hostPath) {

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
}
