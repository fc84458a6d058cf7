package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the author of an {@link AppPod} asks for. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!has(oldSelf.nodeName) || (has(self.nodeName) && self.nodeName == oldSelf.nodeName)",
        message = "a pod stays on its node: delete it and create it anew")
@ValidationRule(
        value =
                "self.apps.all(a, !has(a.mounts) || a.mounts.all(m, has(self.volumes) && self.volumes.exists(v, v.name == m.volume)))",
        message = "every mount names a volume of the pod")
public record AppPodSpec(
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @Size(max = 253)
        @JsonPropertyDescription("The node that runs the pod.")
        @Nullable
        String nodeName,

        @Default("Always") @JsonPropertyDescription("Always, OnFailure or Never; an app may override it.") @Nullable
        RestartPolicy restartPolicy,

        @Min(0)
        @Max(3600)
        @Default("30")
        @JsonPropertyDescription("Between the polite and the final signal when the pod is stopped.")
        @Nullable
        Integer terminationGracePeriodSeconds,

        @JsonPropertyDescription("Do not start what this node cannot isolate as asked; otherwise it is only reported.")
        @Nullable
        Boolean strict,

        @Pattern("^(native|fly|oci:[^ ]+)$")
        @Size(max = 256)
        @JsonPropertyDescription(
                "What isolates the pod: native, fly or oci:PATH, if the node allows it; what the node uses if left out.")
        @Nullable
        String stage1,

        @Default("Private")
        @JsonPropertyDescription("Private: root in the pod is nobody on the node. Host: it is root.")
        @Nullable
        UserNamespaceMode userNamespace,

        @JsonPropertyDescription("The pod's network; without it the pod has a loopback device alone.") @Nullable
        Network network,

        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @Size(max = 63)
        @JsonPropertyDescription("Host name inside the pod; the pod's name if left out.")
        @Nullable
        String hostname,

        @JsonPropertyDescription("The pod's /etc/resolv.conf.") @Nullable
        Dns dns,

        @Size(max = 64) @JsonPropertyDescription("Isolators that bound the whole pod.")
        List<IsolatorSpec> isolators,

        @Size(max = 64) @JsonPropertyDescription("Directories that apps can mount.")
        List<VolumeSpec> volumes,

        @Required @Size(min = 1, max = 64) @JsonPropertyDescription("What runs in the pod.")
        List<AppSpec> apps,

        @JsonPropertyDescription("Annotations of the pod manifest.")
        Map<String, String> annotations,

        @JsonPropertyDescription("Free text by key; Aestus does not act on it.")
        Map<String, String> userAnnotations,

        @JsonPropertyDescription("Free text by key, to select by; Aestus does not act on it.")
        Map<String, String> userLabels) {

    public AppPodSpec {
        isolators = Lists.of(isolators);
        volumes = Lists.of(volumes);
        apps = Lists.of(apps);
        annotations = Lists.of(annotations);
        userAnnotations = Lists.of(userAnnotations);
        userLabels = Lists.of(userLabels);
    }

    /** Whose user numbers the pod uses. */
    public enum UserNamespaceMode {
        @JsonProperty("Private")
        PRIVATE,
        @JsonProperty("Host")
        HOST
    }

    /** Which network the pod is in. */
    public enum NetworkMode {
        /** One of its own, attached to the networks it names. */
        @JsonProperty("Pod")
        POD,
        /** The node's. */
        @JsonProperty("Host")
        HOST,
        /** One of its own with a loopback device alone. */
        @JsonProperty("None")
        NONE
    }

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Network(
            @Required @JsonPropertyDescription("Pod, Host or None.")
            NetworkMode mode,

            @Size(max = 16) @JsonPropertyDescription("The networks of mode Pod.")
            List<NamedNetwork> networks) {
        public Network {
            networks = Lists.of(networks);
        }
    }

    public record NamedNetwork(
            @Required @Size(min = 1, max = 63) @JsonPropertyDescription("As the node's administrator calls it.")
            String name) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Dns(
            @Size(max = 3) @JsonPropertyDescription("Addresses of name servers.")
            List<String> nameservers,

            @Size(max = 32) @JsonPropertyDescription("Domains in which short names are looked for.")
            List<String> searches,

            @Size(max = 32) @JsonPropertyDescription("Options such as ndots:2.")
            List<String> options) {
        public Dns {
            nameservers = Lists.of(nameservers);
            searches = Lists.of(searches);
            options = Lists.of(options);
        }
    }
}
