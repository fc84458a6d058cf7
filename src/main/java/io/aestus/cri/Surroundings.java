package io.aestus.cri;

import io.aestus.appc.AcName;
import io.aestus.executor.PodOptions;
import java.util.Optional;

/**
 * What of its node and its sandbox a container refers to.
 *
 * @param users of its sandbox
 * @param images those that it may have as volumes
 * @param companion the app of the container among whose processes it shall be, if that is asked
 * @param devices what the devices that it names by CDI make of it
 */
record Surroundings(PodOptions.UserNamespace users, NodeImages images, Optional<AcName> companion, CdiEdits devices) {
    /** With nothing but these. */
    static Surroundings of(PodOptions.UserNamespace users, NodeImages images) {
        return new Surroundings(users, images, Optional.empty(), CdiEdits.NONE);
    }
}
