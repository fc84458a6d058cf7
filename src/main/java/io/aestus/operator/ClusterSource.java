package io.aestus.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.EditReplacePatchable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.HttpURLConnection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The AppPods of a cluster whose {@code spec.nodeName} is this node: nothing else is ever read. Status is replaced as a
 * whole by a patch that only touches the AppPod it was made for, so no version conflicts arise: nobody else writes it.
 */
public final class ClusterSource implements PodSource {
    /** Keeps an AppPod until its pod is gone. */
    static final String FINALIZER = "aestus.io/pod";

    private static final Logger LOG = System.getLogger(ClusterSource.class.getName());
    private static final int UNPROCESSABLE = 422;
    private static final PatchContext JSON_PATCH = PatchContext.of(PatchType.JSON);

    private final KubernetesClient client;
    private final SharedIndexInformer<AppPod> informer;
    private final KubernetesEvents events;

    /** Watches through {@code client}, which stays the caller's to close. */
    public ClusterSource(KubernetesClient client, String node) {
        this.client = client;
        this.events = new KubernetesEvents(client, node);
        this.informer = client.resources(AppPod.class)
                .inAnyNamespace()
                .withField("spec.nodeName", node)
                .runnableInformer(0);
    }

    @Override
    public String name() {
        return "cluster";
    }

    /** Tries until the API server answers. */
    @Override
    public void start(Consumer<PodKey> changed) throws InterruptedException {
        informer.addEventHandler(new Handler(changed));
        informer.exceptionHandler((isStarted, failure) -> {
            LOG.log(Level.WARNING, "cannot watch AppPods, trying again: " + failure.getMessage());
            return true;
        });
        var started = new CountDownLatch(1);
        var _ = informer.start().whenComplete((_, _) -> started.countDown());
        started.await();
        events.start();
    }

    private record Handler(Consumer<PodKey> changed) implements ResourceEventHandler<AppPod> {
        @Override
        public void onAdd(AppPod pod) {
            changed.accept(PodKey.of(pod));
        }

        @Override
        public void onUpdate(AppPod before, AppPod now) {
            if (!asks(before).equals(asks(now))) {
                changed.accept(PodKey.of(now));
            }
        }

        /** What of a resource is others' to say: its status is ours, and to answer it would be to talk to oneself. */
        private static List<Object> asks(AppPod pod) {
            ObjectMeta about = pod.getMetadata();
            return Arrays.asList(
                    about.getUid(),
                    about.getGeneration(),
                    about.getDeletionTimestamp(),
                    about.getFinalizers(),
                    about.getLabels(),
                    about.getAnnotations(),
                    pod.getSpec());
        }

        @Override
        public void onDelete(AppPod pod, boolean isStateUnknown) {
            changed.accept(PodKey.of(pod));
        }
    }

    @Override
    public Set<PodKey> keys() {
        return informer.getStore().list().stream().map(PodKey::of).collect(Collectors.toSet());
    }

    @Override
    public Optional<AppPod> find(PodKey key) {
        return Optional.ofNullable(informer.getStore().getByKey(Cache.namespaceKeyFunc(key.namespace(), key.name())));
    }

    @Override
    public boolean isComplete() {
        return informer.hasSynced();
    }

    private Resource<AppPod> resource(PodKey key) {
        return client.resources(AppPod.class).inNamespace(key.namespace()).withName(key.name());
    }

    @Override
    public boolean hold(AppPod pod) {
        List<String> finalizers = pod.getMetadata().getFinalizers();
        if (finalizers != null && finalizers.contains(FINALIZER)) {
            return true;
        }
        boolean isFirst = finalizers == null || finalizers.isEmpty();
        return patched(
                resource(PodKey.of(pod)),
                List.of(
                        operation(
                                "test",
                                "/metadata/resourceVersion",
                                pod.getMetadata().getResourceVersion()),
                        isFirst
                                ? operation("add", "/metadata/finalizers", List.of(FINALIZER))
                                : operation("add", "/metadata/finalizers/-", FINALIZER)));
    }

    @Override
    public void release(PodKey key) {
        find(key).ifPresent(pod -> {
            int index = pod.getMetadata().getFinalizers().indexOf(FINALIZER);
            String path = "/metadata/finalizers/" + index;
            if (index >= 0
                    && !patched(
                            resource(key), List.of(operation("test", path, FINALIZER), operation("remove", path, null)))
                    && resource(key).get() != null) {
                throw new AestusException(
                        Problem.CONFLICT, "cannot release AppPod " + key + ": somebody else changed its finalizers");
            }
        });
    }

    @Override
    public void report(AppPod pod, AppPodStatus status) {
        var statusOf = resource(PodKey.of(pod)).subresource("status");
        patched(
                statusOf,
                List.of(
                        operation("test", "/metadata/uid", pod.getMetadata().getUid()),
                        operation("add", "/status", status)));
    }

    private static Map<String, Object> operation(String name, String path, @Nullable Object value) {
        return value == null ? Map.of("op", name, "path", path) : Map.of("op", name, "path", path, "value", value);
    }

    /** @return false if a test failed, or if there is nothing of that name any more */
    private static boolean patched(EditReplacePatchable<AppPod> target, List<Map<String, Object>> operations) {
        try {
            target.patch(JSON_PATCH, AppPodReader.JSON.writeValueAsString(operations));
            return true;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a patch", e);
        } catch (KubernetesClientException e) {
            if (isTooLate(e)) {
                LOG.log(Level.DEBUG, "a patch came too late: {0}", e.getMessage());
                return false;
            }
            throw new AestusException(Problem.UNAVAILABLE, "cannot write to the API server: " + e.getMessage(), e);
        }
    }

    /** A failed test says no more than that; an object that breaks the schema is told of field by field. */
    private static boolean isTooLate(KubernetesClientException e) {
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_CONFLICT -> true;
            case UNPROCESSABLE ->
                e.getStatus() == null
                        || e.getStatus().getDetails() == null
                        || e.getStatus().getDetails().getCauses().isEmpty();
            default -> false;
        };
    }

    @Override
    public void tell(AppPod pod, Notice notice) {
        events.add(pod, notice);
    }

    @Override
    public void close() {
        informer.close();
        events.close();
    }
}
