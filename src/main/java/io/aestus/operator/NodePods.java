package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.PodEventListener;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodStatus;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.RestartPolicy;
import io.aestus.executor.StopOptions;
import io.aestus.executor.Subscription;
import io.aestus.operator.v1alpha1.AppSpec;
import java.util.List;
import java.util.Optional;

/** The pods and images of this node, as far as AppPods need them. Thread-safe; every call may take long. */
public interface NodePods {
    /**
     * An image in the store, whole and verified.
     *
     * @param signers fingerprints; empty if it was admitted unsigned
     */
    record Image(ImageId id, ImageManifest manifest, List<String> signers) {
        public Image {
            signers = List.copyOf(signers);
        }
    }

    /**
     * Finds, fetches and verifies an image and all it depends on.
     *
     * @throws AestusException with any {@link Problem}
     */
    Image fetch(AppSpec.Image wanted) throws InterruptedException;

    /** An image of the store. */
    Optional<Image> image(ImageId id);

    /** Makes a pod and starts it. One that cannot be started may be left, aborted. */
    PodUuid run(PodSpec spec);

    void setRestartPolicy(PodUuid pod, AcName app, RestartPolicy policy);

    void setReadiness(PodUuid pod, AcName app, Optional<ReadinessProbe> probe);

    void stop(PodUuid pod, StopOptions how);

    void remove(PodUuid pod);

    List<PodStatus> list();

    Subscription events(PodEventListener listener);
}
