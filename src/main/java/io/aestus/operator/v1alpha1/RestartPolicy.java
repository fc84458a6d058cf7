package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether an app that ended is started again. */
public enum RestartPolicy {
    /** However it ended. */
    @JsonProperty("Always")
    ALWAYS,
    /** Unless it ended with exit code 0. */
    @JsonProperty("OnFailure")
    ON_FAILURE,
    @JsonProperty("Never")
    NEVER
}
