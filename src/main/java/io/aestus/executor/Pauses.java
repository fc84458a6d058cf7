package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;

/**
 * Pods whose processes stand still for a while. That is written down before they do and after they go on again, so a process
 * that dies in between leaves at worst a pod that runs and is said to be paused: resuming it makes that right.
 */
final class Pauses {
    private final Engine engine;

    Pauses(Engine engine) {
        this.engine = engine;
    }

    /** One that is paused already is left alone. */
    void pause(OwnedPod pod) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            if (!(pod.record().state() instanceof PodState.Running)) {
                throw new AestusException(Problem.CONFLICT, "cannot pause pod " + pod.uuid() + ": it does not run");
            }
            pod.write(pod.record().withPaused(true), PodFiles.Durability.PROCESS);
            try {
                pod.awaitQuiet(engine.patience()); // what is being started would hang half made
                pod.stage1().pausePod(pod.place());
            } catch (IOException | InterruptedException | RuntimeException e) {
                pod.write(pod.record().withPaused(false), PodFiles.Durability.PROCESS);
                throw e;
            }
        }
    }

    /** One that is not paused is left alone. */
    void resume(OwnedPod pod) throws IOException, InterruptedException {
        if (!pod.record().isPaused()) {
            return;
        }
        try (var _ = pod.claim(engine.patience())) {
            if (pod.record().isPaused()) {
                pod.stage1().resumePod(pod.place());
                pod.write(pod.record().withPaused(false), PodFiles.Durability.PROCESS);
            }
        }
    }

    /** Refuses what would hang in a paused pod. */
    static void requireNone(PodRecord pod, String what) {
        if (pod.isPaused()) {
            throw new AestusException(Problem.CONFLICT, "cannot " + what + ": pod " + pod.uuid() + " is paused")
                    .withRemedy("aestus resume " + pod.uuid());
        }
    }
}
