package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the node reports about an {@link AppPod}. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AppPodStatus(
        @JsonPropertyDescription("Pending, Running, Succeeded, Failed or Unknown.") @Nullable
        Phase phase,

        @JsonPropertyDescription("One word for people: the phase, or the reason that holds the pod back.") @Nullable
        String summary,

        @JsonPropertyDescription("Apps that run, of all apps.") @Nullable
        String ready,

        @JsonPropertyDescription("Restarts of all apps together.") @Nullable
        Integer restarts,

        @JsonPropertyDescription("Short fingerprints of those who signed the images.") @Nullable
        String signedBy,

        @JsonPropertyDescription("The generation of the spec that this status describes.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Tells the spec that this status describes from others, across agents.") @Nullable
        String fingerprint,

        @JsonPropertyDescription("The pod's App Container UUID.") @Nullable
        String uuid,

        @JsonPropertyDescription("Addresses of the pod.") List<String> podIPs,

        @JsonPropertyDescription("How far the pod has come, step by step.")
        List<Condition> conditions,

        @JsonPropertyDescription("Each app of the pod.") List<AppStatus> apps) {

    public AppPodStatus {
        podIPs = Lists.of(podIPs);
        conditions = Lists.of(conditions);
        apps = Lists.of(apps);
    }

    /** The pod's life in one word, as a Pod of Kubernetes has it. */
    public enum Phase {
        @JsonProperty("Pending")
        PENDING,
        @JsonProperty("Running")
        RUNNING,
        @JsonProperty("Succeeded")
        SUCCEEDED,
        @JsonProperty("Failed")
        FAILED,
        @JsonProperty("Unknown")
        UNKNOWN
    }

    /** Whether a condition holds. */
    public enum Truth {
        @JsonProperty("True")
        TRUE,
        @JsonProperty("False")
        FALSE,
        @JsonProperty("Unknown")
        UNKNOWN
    }

    /**
     * A step on the way, or a state, that is reached or not.
     *
     * @param lastTransitionTime when {@code status} last changed, RFC 3339
     * @param reason one of {@code Reasons}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Condition(
            @Required @JsonPropertyDescription("Resolved, Verified, Started or Ready.")
            String type,

            @Required @JsonPropertyDescription("True, False or Unknown.")
            Truth status,

            @JsonPropertyDescription("When status last changed.") @Nullable
            String lastTransitionTime,

            @JsonPropertyDescription("Why, in one word for programs.") @Nullable
            String reason,

            @JsonPropertyDescription("Why, in a line for people.") @Nullable
            String message,

            @JsonPropertyDescription("The generation of the spec that this describes.") @Nullable
            Long observedGeneration) {}

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record AppStatus(
            @Required @JsonPropertyDescription("The app.") String name,

            @JsonPropertyDescription("The image that runs.") @Nullable
            String imageID,

            @JsonPropertyDescription("Fingerprints of those who signed the image.")
            List<String> signedBy,

            @JsonPropertyDescription("What the app does now.") @Nullable
            State state,

            @JsonPropertyDescription("How it ended the last time.") @Nullable
            Exited lastExit,

            @JsonPropertyDescription("How often it was started again.") @Nullable
            Integer restartCount,

            @JsonPropertyDescription("What the node made of each isolator.")
            List<IsolatorStatus> isolators) {
        public AppStatus {
            signedBy = Lists.of(signedBy);
            isolators = Lists.of(isolators);
        }
    }

    /** One of its fields is set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record State(
            @JsonPropertyDescription("Not started yet, or not yet again.") @Nullable
            Waiting waiting,

            @JsonPropertyDescription("It runs.") @Nullable Running running,

            @JsonPropertyDescription("It has ended for good.") @Nullable
            Exited exited) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Waiting(
            @JsonPropertyDescription("Why, in one word for programs.")
            String reason,

            @JsonPropertyDescription("Why, in a line for people.") @Nullable
            String message) {}

    public record Running(
            @JsonPropertyDescription("RFC 3339.") String startedAt) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Exited(
            @JsonPropertyDescription("RFC 3339.") String finishedAt,

            @JsonPropertyDescription("128 + n for signal n.")
            Integer exitCode,

            @JsonPropertyDescription("The signal that ended it.") @Nullable
            Integer signal,

            @JsonPropertyDescription("Completed, Error, OOMKilled, Signalled or Unknown.")
            String reason) {}

    /**
     * What became of an isolator.
     *
     * @param enforcement Enforced, Partly or Unsupported
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record IsolatorStatus(
            @Required @JsonPropertyDescription("The isolator.")
            String name,

            @Required @JsonPropertyDescription("Enforced, Partly or Unsupported.")
            String enforcement,

            @JsonPropertyDescription("Why it is not enforced.") @Nullable
            String reason) {}
}
