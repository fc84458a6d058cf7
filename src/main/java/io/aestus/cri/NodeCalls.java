package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.cri.v1.CgroupDriver;
import io.aestus.cri.v1.LinuxRuntimeConfiguration;
import io.aestus.cri.v1.RuntimeCondition;
import io.aestus.cri.v1.RuntimeConfigResponse;
import io.aestus.cri.v1.RuntimeFeatures;
import io.aestus.cri.v1.RuntimeHandler;
import io.aestus.cri.v1.RuntimeHandlerFeatures;
import io.aestus.cri.v1.RuntimeStatus;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StatusResponse;
import io.aestus.cri.v1.VersionResponse;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import java.util.Locale;

/** What the kubelet asks of the node itself. */
final class NodeCalls {
    /** Part of every container's ID in the API of Kubernetes: never to be changed. */
    private static final String NAME = "aestus";

    private final CriSettings settings;

    NodeCalls(CriSettings settings) {
        this.settings = settings;
    }

    VersionResponse version() {
        return VersionResponse.newBuilder()
                .setVersion("0.1.0") // of the kubelet's runtime API, fixed
                .setRuntimeName(NAME)
                .setRuntimeVersion(settings.version())
                .setRuntimeApiVersion("v1")
                .build();
    }

    StatusResponse status(StatusRequest request) {
        var response = StatusResponse.newBuilder()
                .setStatus(RuntimeStatus.newBuilder()
                        .addConditions(RuntimeCondition.newBuilder()
                                .setType("RuntimeReady")
                                .setStatus(true))
                        .addConditions(network()))
                .addRuntimeHandlers(handler(""))
                .addRuntimeHandlers(handler(NAME))
                .setFeatures(RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true));
        if (request.getVerbose()) {
            response.putInfo("config", JsonWriter.compactText(config()));
        }
        return response.build();
    }

    private JsonObject config() {
        return JsonObject.builder()
                .put("socket", settings.socket().toString())
                .put("version", settings.version())
                .put("cgroupDriver", settings.cgroups().name().toLowerCase(Locale.ROOT))
                .put("streamingHost", settings.streaming().host())
                .build();
    }

    private RuntimeCondition network() {
        var condition = RuntimeCondition.newBuilder().setType("NetworkReady");
        return settings.network()
                .obstacle()
                .map(why -> condition.setReason("NetworkPluginNotReady").setMessage(why))
                .orElseGet(() -> condition.setStatus(true))
                .build();
    }

    private static RuntimeHandler handler(String name) {
        return RuntimeHandler.newBuilder()
                .setName(name)
                .setFeatures(RuntimeHandlerFeatures.newBuilder()
                        .setUserNamespaces(true)
                        .setRecursiveReadOnlyMounts(true))
                .build();
    }

    /** @throws AestusException {@link Problem#INVALID} for one that {@link #status} does not have */
    static void requireHandler(String handler) {
        if (!handler.isEmpty() && !handler.equals(NAME)) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot run sandbox: field runtime_handler: there is no handler " + Quoted.of(handler) + ", only "
                            + NAME);
        }
    }

    RuntimeConfigResponse runtimeConfig() {
        return RuntimeConfigResponse.newBuilder()
                .setLinux(LinuxRuntimeConfiguration.newBuilder()
                        .setCgroupDriver(
                                switch (settings.cgroups()) {
                                    case CGROUPFS -> CgroupDriver.CGROUPFS;
                                    case SYSTEMD -> CgroupDriver.SYSTEMD;
                                }))
                .build();
    }
}
