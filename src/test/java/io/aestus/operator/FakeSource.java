package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppPodStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** AppPods in memory, with finalizers as an API server has them. */
final class FakeSource implements PodSource {
    private final Map<PodKey, AppPod> pods = new HashMap<>();
    private final Set<PodKey> held = new HashSet<>();
    private final List<String> notices = new ArrayList<>();
    private boolean complete = true;

    /** The spec of {@code yaml} under a name; a new generation if there is one already. */
    PodKey apply(String name, String spec) {
        AppPod pod = AppPodReader.read("""
                apiVersion: aestus.io/v1alpha1
                kind: AppPod
                metadata: {name: %s, namespace: test}
                spec: %s
                """.formatted(name, spec), "test").getFirst();
        PodKey key = PodKey.of(pod);
        AppPod before = pods.get(key);
        pod.getMetadata()
                .setUid(
                        before == null
                                ? UUID.randomUUID().toString()
                                : before.getMetadata().getUid());
        pod.getMetadata()
                .setGeneration(before == null ? 1 : before.getMetadata().getGeneration() + 1);
        pod.setStatus(before == null ? null : before.getStatus());
        pods.put(key, pod);
        return key;
    }

    /** As a user deletes it: it stays while it is held. */
    void delete(PodKey key) {
        AppPod pod = pods.get(key);
        if (held.contains(key)) {
            pod.getMetadata().setDeletionTimestamp("2026-11-23T12:00:00Z");
        } else {
            pods.remove(key);
        }
    }

    /** As a file vanishes: at once. */
    void lose(PodKey key) {
        pods.remove(key);
    }

    void isComplete(boolean now) {
        complete = now;
    }

    AppPodStatus status(PodKey key) {
        return pods.get(key).getStatus();
    }

    AppPodSpec spec(PodKey key) {
        return pods.get(key).getSpec();
    }

    AppPodStatus.Condition condition(PodKey key, String type) {
        return status(key).conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    /** Reasons of what was told since the last time. */
    List<String> notices() {
        var told = List.copyOf(notices);
        notices.clear();
        return told;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public void start(Consumer<PodKey> changed) {
        pods.keySet().forEach(changed);
    }

    @Override
    public Set<PodKey> keys() {
        return Set.copyOf(pods.keySet());
    }

    @Override
    public Optional<AppPod> find(PodKey key) {
        return Optional.ofNullable(pods.get(key));
    }

    @Override
    public boolean isComplete() {
        return complete;
    }

    @Override
    public boolean hold(AppPod pod) {
        held.add(PodKey.of(pod));
        return true;
    }

    @Override
    public void release(PodKey key) {
        held.remove(key);
        if (pods.containsKey(key) && pods.get(key).getMetadata().getDeletionTimestamp() != null) {
            pods.remove(key);
        }
    }

    @Override
    public void report(AppPod pod, AppPodStatus status) {
        if (!held.contains(PodKey.of(pod))) {
            throw new AssertionError("a status for " + PodKey.of(pod) + ", which is not held");
        }
        Optional.ofNullable(pods.get(PodKey.of(pod))).ifPresent(known -> known.setStatus(status));
    }

    @Override
    public void tell(AppPod pod, Notice notice) {
        notices.add(notice.reason());
    }

    @Override
    public void close() {}
}
