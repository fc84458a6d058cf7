package io.aestus.cri;

import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.Mount;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

/** Requests that are larger than any honest one, or that lead where they must not. */
class BoundsTest extends ServedFakes {
    private void assertInvalid(ContainerConfig.Builder config, String message) {
        refused(
                Status.Code.INVALID_ARGUMENT,
                message,
                () -> client.runtime.createContainer(
                        CreateContainerRequest.newBuilder().setConfig(config).build()));
    }

    @Test
    void whatever_is_out_of_bounds_is_refused_before_anything_is_done() {
        assertInvalid(
                ContainerConfig.newBuilder().setLogPath("app/../../../etc/cron.d/x"),
                "cannot take field log_path: a path must not go up by ..");
        assertInvalid(
                ContainerConfig.newBuilder().setLogPath("/etc/cron.d/x"),
                "cannot take field log_path: a log is below its sandbox's log directory");
        assertInvalid(
                ContainerConfig.newBuilder().addMounts(Mount.newBuilder().setHostPath("/var/../etc")),
                "cannot take field host_path: a path must not go up by ..");
        assertInvalid(
                ContainerConfig.newBuilder().setWorkingDir("/a".repeat(2049)),
                "cannot take field working_dir: 4098 characters are too many for a path: at most 4096");
        assertInvalid(
                ContainerConfig.newBuilder().addArgs("a\0b"), "cannot take field args: a NUL ends a name too early");
        assertInvalid(
                ContainerConfig.newBuilder().putLabels("a", "x".repeat(256 * 1024 + 1)),
                "cannot take field value: 262145 characters are too many: at most 262144");
        var many = ContainerConfig.newBuilder();
        for (int i = 0; i <= 4096; i++) {
            many.addArgs("x");
        }
        assertInvalid(many, "cannot take field args: 4097 elements are too many: at most 4096");
    }
}
