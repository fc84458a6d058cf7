package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.ContainerEventResponse;
import io.aestus.cri.v1.ContainerEventType;
import io.aestus.cri.v1.PodSandboxStatus;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodStatus;
import io.aestus.executor.Subscription;
import io.aestus.rpc.Statuses;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells listeners of everything that happens to sandboxes and containers. Who is slow is told later, by a thread of his own; who is much
 * too slow is cut off, and has to list what there is.
 */
final class ContainerEvents implements AutoCloseable {
    private final Pods pods;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();

    ContainerEvents(Pods pods) {
        this.pods = pods;
    }

    void listen(StreamObserver<ContainerEventResponse> observer) {
        var listener = new Listener((ServerCallStreamObserver<ContainerEventResponse>) observer);
        listeners.add(listener);
        listener.begin();
    }

    @Override
    public void close() {
        listeners.forEach(listener ->
                listener.end(new AestusException(Problem.UNAVAILABLE, "cannot tell of events: the agent is stopping")));
    }

    private final class Listener {
        private final ServerCallStreamObserver<ContainerEventResponse> observer;
        /** Sandboxes as they were last seen, so that the removal of one can be told from that of another front's pod. */
        private final Map<PodUuid, PodSandboxStatus> known = new HashMap<>();

        private Optional<Subscription> subscription = Optional.empty();
        private boolean ended;

        Listener(ServerCallStreamObserver<ContainerEventResponse> observer) {
            this.observer = observer;
            observer.setOnReadyHandler(this::wake);
            observer.setOnCancelHandler(this::leave);
        }

        synchronized void begin() {
            for (PodStatus pod : pods.list()) {
                if (Sandboxes.isSandbox(pod)) {
                    known.put(pod.uuid(), Sandboxes.statusOf(pod));
                }
            }
            subscription = Optional.of(pods.events(this::on));
        }

        private synchronized void wake() {
            notifyAll();
        }

        private synchronized void leave() {
            ended = true;
            subscription.ifPresent(Subscription::close);
            listeners.remove(this);
            notifyAll();
        }

        synchronized void end(AestusException why) {
            if (!ended) {
                leave();
                observer.onError(Statuses.of(why));
            }
        }

        private synchronized void on(PodEvent event) {
            switch (event) {
                case PodEvent.PodStarted(PodUuid pod, Instant at) -> {
                    sandbox(pod, at, ContainerEventType.CONTAINER_CREATED_EVENT);
                    sandbox(pod, at, ContainerEventType.CONTAINER_STARTED_EVENT);
                }
                case PodEvent.PodExited(PodUuid pod, Instant at) ->
                    sandbox(pod, at, ContainerEventType.CONTAINER_STOPPED_EVENT);
                case PodEvent.PodRemoved(PodUuid pod, Instant at) -> {
                    sandbox(pod, at, ContainerEventType.CONTAINER_DELETED_EVENT);
                    known.remove(pod);
                }
                case PodEvent.AppCreated(PodUuid pod, AcName app, Instant at) ->
                    container(pod, app, at, ContainerEventType.CONTAINER_CREATED_EVENT);
                case PodEvent.AppStarted(PodUuid pod, AcName app, Instant at) ->
                    container(pod, app, at, ContainerEventType.CONTAINER_STARTED_EVENT);
                case PodEvent.AppExited(PodUuid pod, AcName app, Instant at, var _) ->
                    container(pod, app, at, ContainerEventType.CONTAINER_STOPPED_EVENT);
                case PodEvent.AppRemoved(PodUuid pod, AcName app, Instant at) ->
                    container(pod, app, at, ContainerEventType.CONTAINER_DELETED_EVENT);
                case PodEvent.PodPrepared _,
                        PodEvent.AppReady _,
                        PodEvent.AppUnready _,
                        PodEvent.LogStalled _ -> {} // the kubelet knows none
                case PodEvent.Missed(var _, long count) ->
                    end(new AestusException(
                            Problem.EXHAUSTED, "cannot tell of events: " + count + " were missed, list them anew"));
            }
        }

        private void sandbox(PodUuid pod, Instant at, ContainerEventType type) {
            tell(pod, pod.toString(), at, type);
        }

        private void container(PodUuid pod, AcName app, Instant at, ContainerEventType type) {
            tell(pod, ContainerId.of(pod, app).text(), at, type);
        }

        private void tell(PodUuid pod, String id, Instant at, ContainerEventType type) {
            Optional<PodStatus> now = pods.find(pod).filter(Sandboxes::isSandbox);
            now.ifPresent(status -> known.put(pod, Sandboxes.statusOf(status)));
            PodSandboxStatus sandbox = known.get(pod);
            if (sandbox == null || !awaitReady()) {
                return;
            }
            var event = ContainerEventResponse.newBuilder()
                    .setContainerId(id)
                    .setContainerEventType(type)
                    .setCreatedAt(Sandboxes.nanos(at))
                    .setPodSandboxStatus(sandbox);
            now.ifPresent(status -> event.addAllContainersStatuses(ContainerReports.statusesOf(status)));
            observer.onNext(event.build());
        }

        private boolean awaitReady() {
            try {
                while (!ended && !observer.isReady()) {
                    wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            return !ended;
        }
    }
}
