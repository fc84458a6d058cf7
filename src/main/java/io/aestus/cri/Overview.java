package io.aestus.cri;

import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.Container;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All sandboxes and containers, as lists tell of them. A kubelet asks for that once a second, and nearly everything is then as it was: so
 * what was said of a pod is said again until its status is another one. Thread-safe.
 */
final class Overview {
    private final Pods pods;
    private final Map<PodUuid, Sandbox> known = new ConcurrentHashMap<>();

    Overview(Pods pods) {
        this.pods = pods;
    }

    /** A sandbox at one moment. */
    record Sandbox(PodStatus pod, PodSandbox told, List<Member> containers) {
        static Sandbox of(PodStatus pod) {
            List<Member> containers = pod.apps().stream()
                    .filter(ContainerReports::isContainer)
                    .map(app -> new Member(pod, app, ContainerReports.fromApp(pod, app)))
                    .toList();
            return new Sandbox(pod, Sandboxes.fromPod(pod), containers);
        }
    }

    /** One of its containers. */
    record Member(PodStatus pod, AppStatus app, Container told) {}

    /** The oldest first. */
    List<Sandbox> sandboxes() {
        var all = new ArrayList<Sandbox>();
        for (PodStatus pod : pods.list()) {
            if (Sandboxes.isSandbox(pod)) {
                all.add(sandbox(pod));
            }
        }
        if (known.size() > all.size()) {
            var here = new HashSet<PodUuid>();
            all.forEach(sandbox -> here.add(sandbox.pod.uuid()));
            known.keySet().retainAll(here);
        }
        return all;
    }

    private Sandbox sandbox(PodStatus pod) {
        return known.compute(
                pod.uuid(), (_, earlier) -> earlier != null && earlier.pod.equals(pod) ? earlier : Sandbox.of(pod));
    }
}
