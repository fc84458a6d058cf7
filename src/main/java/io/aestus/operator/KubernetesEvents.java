package io.aestus.operator;

import io.aestus.operator.PodSource.Notice;
import io.aestus.operator.v1alpha1.AppPod;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Notices as Kubernetes events, written by a thread of its own: nothing ever waits for one. The same notice again counts up
 * the event that is there. When too many wait, the newest are dropped.
 */
final class KubernetesEvents implements AutoCloseable {
    private static final Logger LOG = System.getLogger(KubernetesEvents.class.getName());
    private static final int WAITING_LIMIT = 256;
    private static final int KNOWN_LIMIT = 1024;
    private static final int MESSAGE_LIMIT = 1024;
    private static final String COMPONENT = "aestus.io/agent";

    private record Told(AppPod pod, Notice notice, Instant at) {}

    private final KubernetesClient client;
    private final String node;
    private final BlockingQueue<Told> waiting = new ArrayBlockingQueue<>(WAITING_LIMIT);
    private final Thread writer = Thread.ofVirtual().name("kubernetes-events").unstarted(this::write);

    /** How often each event was told, by name; touched by the writer alone. */
    private final Map<String, Integer> counts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > KNOWN_LIMIT;
        }
    };

    KubernetesEvents(KubernetesClient client, String node) {
        this.client = client;
        this.node = node;
    }

    void start() {
        writer.start();
    }

    void add(AppPod pod, Notice notice) {
        if (!waiting.offer(new Told(pod, notice, Instant.now().truncatedTo(ChronoUnit.SECONDS)))) {
            LOG.log(Level.DEBUG, "too many events wait for the API server; dropped {0}", notice);
        }
    }

    private void write() {
        try {
            while (true) {
                Told next = waiting.take();
                try {
                    write(next);
                } catch (KubernetesClientException e) {
                    LOG.log(Level.DEBUG, "cannot write event {0}: {1}", next.notice(), e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void write(Told told) {
        Event event = event(told);
        String name = event.getMetadata().getName();
        int count = counts.merge(name, 1, Integer::sum);
        var events = client.v1().events().inNamespace(event.getMetadata().getNamespace());
        if (count == 1) {
            try {
                events.resource(event).create();
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    counts.remove(name);
                    throw e;
                }
                count = counts.merge(name, 1, Integer::sum); // told by the agent before this one
            }
        }
        String again = "{\"count\": %d, \"lastTimestamp\": \"%s\"}".formatted(count, told.at());
        events.withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), again);
    }

    private Event event(Told told) {
        var metadata = told.pod().getMetadata();
        Notice notice = told.notice();
        String message = notice.message().substring(0, Math.min(notice.message().length(), MESSAGE_LIMIT));
        String identity = metadata.getUid() + notice.reason() + message;
        String suffix = UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 13);
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName() + "." + suffix)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(AppPod.GROUP + "/" + AppPod.VERSION)
                .withKind(AppPod.KIND)
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .endInvolvedObject()
                .withType(notice.weight() == PodSource.Weight.WARNING ? "Warning" : "Normal")
                .withReason(notice.reason())
                .withMessage(message)
                .withFirstTimestamp(told.at().toString())
                .withLastTimestamp(told.at().toString())
                .withCount(1)
                .withNewSource(COMPONENT, node)
                .withReportingComponent(COMPONENT)
                .withReportingInstance(node)
                .build();
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
