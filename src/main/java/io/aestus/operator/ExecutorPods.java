package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.Label;
import io.aestus.appc.Labels;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.Executor;
import io.aestus.executor.PodEventListener;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodStatus;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.RestartPolicy;
import io.aestus.executor.Stage1Name;
import io.aestus.executor.StopOptions;
import io.aestus.executor.Subscription;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Progress;
import io.aestus.fetch.PullPolicy;
import io.aestus.fetch.Resolver;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link NodePods} by the executor, the image store and the resolver of this node. */
public final class ExecutorPods implements NodePods {
    private static final Logger LOG = System.getLogger(ExecutorPods.class.getName());
    private static final Progress PROGRESS = new LoggedProgress();

    private final Executor executor;
    private final ImageStore store;
    private final Resolver resolver;
    private final FetchPolicy policy;
    private final Set<Stage1Name> allowed;

    /**
     * The pods of {@code executor}.
     *
     * @param policy of the node; when to ask a server is the AppPod's to say
     * @param allowed the isolations that AppPods may ask for
     */
    public ExecutorPods(
            Executor executor, ImageStore store, Resolver resolver, FetchPolicy policy, Set<Stage1Name> allowed) {
        this.executor = executor;
        this.store = store;
        this.resolver = resolver;
        this.policy = policy;
        this.allowed = Set.copyOf(allowed);
    }

    private static final class LoggedProgress implements Progress {
        @Override
        public void update(Report now) {
            LOG.log(Level.DEBUG, "{0}", now);
        }

        @Override
        public void notice(String line) {
            LOG.log(Level.INFO, line);
        }
    }

    @Override
    public Image fetch(AppSpec.Image wanted) throws InterruptedException {
        PullPolicy pull =
                switch (wanted.pullPolicy()) {
                    case ALWAYS -> PullPolicy.UPDATE;
                    case NEVER -> PullPolicy.NEVER;
                    case IF_NOT_PRESENT -> PullPolicy.NEW;
                    case null -> PullPolicy.NEW;
                };
        try {
            ImageId id = resolve(wanted, policy.pulling(pull));
            return image(id)
                    .orElseThrow(() -> new AestusException(
                            Problem.CONFLICT, "cannot use image " + id.abbreviated() + ": it was just removed"));
        } catch (AestusException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(e.message());
            }
            throw e;
        }
    }

    private ImageId resolve(AppSpec.Image wanted, FetchPolicy how) {
        if (wanted.oci() != null) {
            return resolver.resolve(ImageReference.ofOci(wanted.oci()), how, PROGRESS)
                    .id();
        }
        var app = RuntimeApp.of(AcName.parse("image"), image(wanted));
        return resolver.reify(app, how, PROGRESS).image().id().orElseThrow();
    }

    private static RuntimeImage image(AppSpec.Image wanted) {
        return new RuntimeImage(
                Optional.ofNullable(wanted.id()).map(ImageId::parse),
                Optional.ofNullable(wanted.name()).map(AcIdentifier::parse),
                new Labels(wanted.labels().entrySet().stream()
                        .map(label -> Label.of(label.getKey(), label.getValue()))
                        .toList()));
    }

    @Override
    public Optional<Image> image(ImageId id) {
        try {
            return store.find(id).map(ExecutorPods::image);
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot read image " + id.abbreviated() + ": " + e.getMessage(), e);
        }
    }

    private static Image image(StoredImage stored) {
        return new Image(stored.id(), stored.manifest(), stored.record().signers());
    }

    @Override
    public PodUuid run(PodSpec spec) {
        requireAllowed(spec, allowed);
        return executor.run(spec);
    }

    /** Whoever may name a program that isolates pods, or have none isolated, has the node. */
    static void requireAllowed(PodSpec spec, Set<Stage1Name> allowed) {
        if (spec.stage1().isPresent() && !allowed.contains(spec.stage1().get())) {
            String name = spec.stage1().get().toString();
            throw new AestusException(
                            Problem.DENIED,
                            "cannot isolate the pod by " + Quoted.of(name) + ": this node does not allow it")
                    .withRemedy("ask for one of those in aestus.stage1.allowed");
        }
    }

    @Override
    public void setRestartPolicy(PodUuid pod, AcName app, RestartPolicy policy) {
        executor.setRestartPolicy(pod, app, policy);
    }

    @Override
    public void setReadiness(PodUuid pod, AcName app, Optional<ReadinessProbe> probe) {
        executor.setReadiness(pod, app, probe);
    }

    @Override
    public void stop(PodUuid pod, StopOptions how) {
        executor.stop(pod, how);
    }

    @Override
    public void remove(PodUuid pod) {
        executor.remove(pod);
    }

    @Override
    public List<PodStatus> list() {
        return executor.list();
    }

    @Override
    public Subscription events(PodEventListener listener) {
        return executor.events(listener);
    }
}
