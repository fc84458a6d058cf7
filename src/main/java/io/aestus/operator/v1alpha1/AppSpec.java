package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One app of the pod: an image, and what is to be different from what the image says. Each field that is left out is the
 * image's.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AppSpec(
        @Required @Pattern(AC_NAME) @Size(max = 63) @JsonPropertyDescription("Unique in the pod.")
        String name,

        @Required @JsonPropertyDescription("The image, by name and labels, by ID, or by its name at a registry.")
        Image image,

        @Size(max = 1024) @JsonPropertyDescription("The command and its arguments; nothing in it is expanded.")
        List<String> exec,

        @Pattern("^.+$")
        @JsonPropertyDescription("User name of the image, number, or path of a file whose owner is meant.")
        @Nullable
        String user,

        @Pattern("^.+$")
        @JsonPropertyDescription("Group name of the image, number, or path of a file whose group is meant.")
        @Nullable
        String group,

        @Size(max = 64) @JsonPropertyDescription("Further group numbers.")
        List<Long> supplementaryGroups,

        @Pattern(ABSOLUTE_PATH) @JsonPropertyDescription("Absolute path in the app.") @Nullable
        String workingDirectory,

        @Size(max = 1024) @JsonPropertyDescription("Variables added to those of the image, or replacing them.")
        List<EnvironmentVariable> environment,

        @Size(max = 64) @JsonPropertyDescription("Ports added to those of the image, or replacing them.")
        List<PortSpec> ports,

        @Size(max = 64) @JsonPropertyDescription("Where volumes appear in the app.")
        List<MountSpec> mounts,

        @JsonPropertyDescription("Short for the isolators resource/cpu and resource/memory.") @Nullable
        Resources resources,

        @Size(max = 64) @JsonPropertyDescription("Isolators added to those of the image, or replacing them by name.")
        List<IsolatorSpec> isolators,

        @Size(max = 2) @JsonPropertyDescription("Commands run before the app starts and after it has ended.")
        List<EventHandlerSpec> eventHandlers,

        @Min(1)
        @Max(86400)
        @JsonPropertyDescription("Seconds that an event handler may take; what the image says, else 300, if left out.")
        @Nullable
        Integer eventHandlerTimeoutSeconds,

        @JsonPropertyDescription("Says whether the app is ready; without one it is while it runs.") @Nullable
        Probe readinessProbe,

        @JsonPropertyDescription("Whether the root of the app is mounted read-only.") @Nullable
        Boolean readOnlyRootFilesystem,

        @JsonPropertyDescription("Overrides the pod's.") @Nullable
        RestartPolicy restartPolicy) {

    /** An AC Name: also what apps, volumes and ports of a pod are called. */
    public static final String AC_NAME = "^[a-z0-9]+(-[a-z0-9]+)*$";

    static final String ABSOLUTE_PATH = "^/.*$";

    public AppSpec {
        exec = Lists.of(exec);
        supplementaryGroups = Lists.of(supplementaryGroups);
        environment = Lists.of(environment);
        ports = Lists.of(ports);
        mounts = Lists.of(mounts);
        isolators = Lists.of(isolators);
        eventHandlers = Lists.of(eventHandlers);
    }

    /** When an image is looked for outside of the node's store. */
    public enum PullPolicy {
        /** Ask for the newest at every start; what has not changed is not fetched again. */
        @JsonProperty("Always")
        ALWAYS,
        @JsonProperty("IfNotPresent")
        IF_NOT_PRESENT,
        @JsonProperty("Never")
        NEVER
    }

    /**
     * Which image an app runs.
     *
     * @param name an App Container name, found by discovery
     * @param labels such as version; os and arch are the node's unless said
     * @param id exactly this image
     * @param oci an OCI image, by its name at a registry
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value = "has(self.name) || has(self.id) || has(self.oci)",
            message = "an image needs a name, an id or oci")
    @ValidationRule(
            value = "!has(self.oci) || !(has(self.name) || has(self.labels) || has(self.id))",
            message = "an OCI image has neither name, labels nor id: a digest fixes it")
    public record Image(
            @Pattern("^[a-z0-9]+([-._~/][a-z0-9]+)*$")
            @Size(max = 512)
            @JsonPropertyDescription("App Container name, such as example.com/shop/web.")
            @Nullable
            String name,

            @JsonPropertyDescription("Labels of the image, such as version.")
            Map<String, String> labels,

            @Pattern("^sha512-[0-9a-f]{128}$") @JsonPropertyDescription("Image ID: exactly this image.") @Nullable
            String id,

            @Pattern("^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]*$")
            @Size(max = 512)
            @JsonPropertyDescription("An OCI image instead, such as registry.example.com/web:2.1 or nginx@sha256:….")
            @Nullable
            String oci,

            @JsonPropertyDescription("Always, IfNotPresent (default) or Never.") @Nullable
            PullPolicy pullPolicy) {
        public Image {
            labels = Lists.of(labels);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record EnvironmentVariable(
            @Required @Pattern("^[A-Za-z_][A-Za-z0-9_.-]*$") @JsonPropertyDescription("Name of the variable.")
            String name,

            @Required @JsonPropertyDescription("Its value, as it is.")
            String value) {}

    /** The transport of a port. */
    public enum Protocol {
        @JsonProperty("TCP")
        TCP,
        @JsonProperty("UDP")
        UDP
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PortSpec(
            @Required @Pattern(AC_NAME) @Size(max = 63) @JsonPropertyDescription("Unique in the app.")
            String name,

            @Required @Min(1) @Max(65535) @JsonPropertyDescription("Port inside the pod.")
            Integer containerPort,

            @Min(1) @Max(65535) @JsonPropertyDescription("Port of the node that leads to it.") @Nullable
            Integer hostPort,

            @JsonPropertyDescription("TCP (default) or UDP.") @Nullable
            Protocol protocol,

            @JsonPropertyDescription(
                    "Whether the app is started by the first connection, and handed the socket; the image's word if left out.")
            @Nullable
            Boolean socketActivated) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record MountSpec(
            @Required @Pattern(AC_NAME) @Size(max = 63) @JsonPropertyDescription("A volume of the pod.")
            String volume,

            @Required @Pattern(ABSOLUTE_PATH) @Size(max = 4095) @JsonPropertyDescription("Absolute path in the app.")
            String path,

            @JsonPropertyDescription("Whether this app may only read.") @Nullable
            Boolean readOnly) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Resources(
            @JsonPropertyDescription("What the app is sure to get.") @Nullable
            Amounts requests,

            @JsonPropertyDescription("What the app cannot exceed.") @Nullable
            Amounts limits) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Amounts(
            @JsonPropertyDescription("Processors, such as 500m or 2.") @Nullable
            Quantity cpu,

            @JsonPropertyDescription("Bytes, such as 64Mi.") @Nullable
            Quantity memory) {}

    /** When an event handler runs. */
    public enum HandlerName {
        @JsonProperty("pre-start")
        PRE_START,
        @JsonProperty("post-stop")
        POST_STOP
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record EventHandlerSpec(
            @Required @JsonPropertyDescription("pre-start or post-stop.")
            HandlerName name,

            @Required @Size(min = 1, max = 1024) @JsonPropertyDescription("The command and its arguments.")
            List<String> exec) {
        public EventHandlerSpec {
            exec = Lists.of(exec);
        }
    }
}
