package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An app that starts when somebody connects counts as one that runs. */
class AwaitingAppTest {
    private static final AcName WEB = new AcName("web");
    private static final ImageId IMAGE = new ImageId("a".repeat(128));

    private static PodStatus pod(AppState state, boolean awaits) {
        var app = RuntimeApp.of(WEB, RuntimeImage.of(IMAGE));
        var status = new AppStatus(
                WEB,
                IMAGE,
                app,
                AppOptions.DEFAULT,
                Instant.EPOCH,
                state,
                0,
                Optional.empty(),
                awaits,
                Optional.empty(),
                false,
                Path.of("/log"),
                List.of(),
                JsonObject.EMPTY);
        return new PodStatus(
                PodUuid.random(),
                PodManifest.of(app),
                PodOptions.DEFAULT,
                Instant.EPOCH,
                new PodState.Running(Instant.EPOCH, 1),
                false,
                "native",
                List.of(),
                List.of(),
                List.of(status));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_condition_ready_is_true_while_it_waits(boolean awaits) {
        var steps = Steps.of(List.of(), pod(new AppState.Created(), awaits), Optional.empty(), Set.of(WEB));
        assertEquals(
                awaits ? Reasons.APPS_RUNNING : Reasons.APPS_NOT_RUNNING,
                steps.all().getLast().reason());
    }

    @Test
    void its_pod_is_not_finished_when_it_has_ended_and_waits_again() {
        var ended = new AppState.Exited(Instant.EPOCH, Instant.EPOCH, ExitStatus.ofCode(0));
        var spec = AppPodReader.read("""
                {apiVersion: aestus.io/v1alpha1, kind: AppPod, metadata: {name: web},
                 spec: {restartPolicy: Never, apps: [{name: web, image: {name: example.com/web}}]}}
                """, "test").getFirst().getSpec();
        assertEquals(Optional.empty(), Restarts.finished(spec, pod(ended, true)));
        assertEquals(Optional.of(true), Restarts.finished(spec, pod(ended, false)));
    }
}
