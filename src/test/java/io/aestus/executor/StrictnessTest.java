package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.PodManifest;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What cannot be enforced is reported, or refused where the pod is strict; nothing is passed over in silence. */
@Tag("host")
class StrictnessTest extends OneStage1Host {
    private static final Isolator BEYOND_US = new LinuxIsolator.SelinuxContext("u", "r", "t", "s0");

    private static PodOptions options(PodOptions.Strictness strictness) {
        return PodOptions.DEFAULT.withStrictness(strictness);
    }

    private static App app(Isolator... isolators) {
        return App.running(List.of("/bin/true"))
                .isolators(Isolators.of(isolators))
                .build();
    }

    @Test
    void a_lenient_pod_says_what_it_does_not_enforce() throws IOException {
        try (var pod = host.start(options(PodOptions.Strictness.LENIENT));
                var running = pod.start("app", app(BEYOND_US))) {
            assertEquals(
                    List.of(IsolatorReport.Enforcement.UNSUPPORTED),
                    running.started.isolators().stream()
                            .map(IsolatorReport::enforcement)
                            .toList());
        }
    }

    @Test
    void a_strict_pod_refuses_the_app_and_leaves_nothing() throws IOException {
        try (var pod = host.start(options(PodOptions.Strictness.STRICT))) {
            var refused = assertThrows(AestusException.class, () -> pod.run("app", app(BEYOND_US)));
            assertEquals(Problem.UNSUPPORTED, refused.problem());
            assertEquals(
                    "cannot start app app: os/linux/selinux-context is not enforced, this host does not use SELinux",
                    refused.message());
            var fine = app(ResourceIsolator.Memory.limit(Quantity.of(64L << 20)));
            assertEquals(0, pod.run("app", fine).code());
        }
    }

    @Test
    void a_strict_pod_whose_own_isolators_are_not_enforced_does_not_start() {
        var manifest = PodManifest.of().withIsolators(Isolators.of(BEYOND_US));
        var refused =
                assertThrows(AestusException.class, () -> host.start(manifest, options(PodOptions.Strictness.STRICT)));
        assertEquals(Problem.UNSUPPORTED, refused.problem());
    }
}
