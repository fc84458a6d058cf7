package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.api.ApiServer;
import io.aestus.api.ApiSettings;
import io.aestus.cri.CriServer;
import io.aestus.cri.CriSettings;
import io.aestus.cri.FetchedImages;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.Stage1s;
import io.aestus.executor.StoreTrees;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Resolver;
import io.aestus.linux.CgroupDriver;
import io.aestus.metadata.PodMetadata;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import io.aestus.operator.ClusterSource;
import io.aestus.operator.ExecutorPods;
import io.aestus.operator.ManifestDirectory;
import io.aestus.operator.Operator;
import io.aestus.operator.PodSource;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * All rooms of the house, opened in order and closed in reverse. Opening recovers the pods that run already; {@link #start}
 * lets in those who ask for new ones. Closing leaves every app running.
 */
final class Node implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Node.class);

    /** Something to undo when the node is closed. */
    private interface Undo {
        void run() throws IOException, InterruptedException;
    }

    private final NodeSettings settings;
    private final Deque<Undo> undo = new ArrayDeque<>();
    private final ImageStore images;
    private final Executor executor;
    private final Optional<CriServer> cri;
    private final Optional<ApiServer> api;
    private final List<Operator> operators = new ArrayList<>();
    private final Stage1s stage1s;
    private final Housekeeping housekeeping;
    private volatile boolean started;

    private Node(NodeSettings settings, String version) throws IOException {
        this.settings = settings;
        var layout = new StoreLayout(settings.dir(), settings.runDir());
        images = ImageStore.open(layout);
        undo.push(images::close);
        images.setPinned(settings.pinnedImages());
        PodNetworks networks = PodNetworks.of(
                NetworkSettings.of(settings.dir(), configDirs(settings)).withPlugins(settings.networkPlugins()));
        stage1s = Stage1s.ofHost(
                settings.dir(),
                new StoreTrees(images),
                () -> networks,
                Clock.systemUTC(),
                settings.stage1(),
                settings.sparePods());
        undo.push(stage1s::close);
        executor = Executor.open(config(settings, images), stage1s);
        undo.push(executor::close);
        FetchPolicy policy = policy(settings.insecure());
        var fetcher = new ImageFetcher(
                images,
                KeyStore.open(keyLayers(settings), InstantSource.system()),
                FetchConfig.read(configDirs(settings), System.getenv(), settings.caFile()));
        CgroupDriver cgroups = CgroupDriver.of(settings.cgroups());
        cri = settings.criSocket()
                .map(socket -> new CriServer(
                        new CriSettings(
                                        socket,
                                        settings.socketGroup(),
                                        version,
                                        new NodeNetwork(
                                                networks,
                                                settings.sandboxNetwork(),
                                                NetworkSettings.SHARED_CONFIGURATIONS),
                                        settings.criStreaming())
                                .withCgroups(cgroups),
                        executor,
                        new FetchedImages(images, fetcher, policy)));
        api = settings.apiSocket()
                .map(socket -> new ApiServer(
                        new ApiSettings(
                                socket,
                                settings.socketGroup(),
                                version,
                                settings.dir(),
                                settings.configDir(),
                                settings.insecure()),
                        executor,
                        images));
        var pods = new ExecutorPods(executor, images, new Resolver(images, fetcher), policy, settings.allowedStage1s());
        sources(settings).forEach(source -> operators.add(new Operator(source, pods, InstantSource.system())));
        housekeeping = new Housekeeping(executor, images, settings.gcInterval(), settings.gcGrace());
    }

    private static ExecutorConfig config(NodeSettings settings, ImageStore images) {
        var config = ExecutorConfig.of(settings.dir())
                .withAdoption(ExecutorConfig.Adoption.ALL)
                .withExits(settings.exits());
        return settings.metadata() ? config.withMetadata(PodMetadata.of(settings.dir(), images)) : config;
    }

    /**
     * Opens everything; nobody can ask for anything yet.
     *
     * @throws AestusException saying what could not be opened
     */
    static Node open(NodeSettings settings, String version) {
        try {
            return new Node(settings, version);
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot start the node: " + e.getMessage(), e);
        }
    }

    private List<PodSource> sources(NodeSettings of) {
        var sources = new ArrayList<PodSource>();
        of.manifestsDir()
                .ifPresent(directory -> sources.add(new ManifestDirectory(
                        directory,
                        of.manifestsInterval(),
                        of.nodeName(),
                        of.dir().resolve("manifests-status"))));
        if (Cluster.isWanted(of, System.getenv())) {
            KubernetesClient client = Cluster.connect(of.kubeconfig());
            undo.push(client::close);
            sources.add(new ClusterSource(client, of.nodeName()));
        }
        return sources;
    }

    private static List<Path> configDirs(NodeSettings settings) {
        var dirs = new ArrayList<>(List.of(Path.of("/usr/lib/aestus"), Path.of("/etc/aestus")));
        settings.configDir().ifPresent(dirs::add);
        return dirs;
    }

    private static List<Path> keyLayers(NodeSettings settings) {
        return configDirs(settings).stream()
                .map(dir -> dir.resolve("trustedkeys"))
                .toList();
    }

    private static FetchPolicy policy(Set<String> insecure) {
        FetchPolicy policy = FetchPolicy.STANDARD;
        for (String word : insecure) {
            policy = policy.allowing(Insecure.named(word)
                    .orElseThrow(() -> new AestusException(
                            Problem.INVALID,
                            "cannot read setting aestus.insecure.options: there is no option " + word)));
        }
        return policy;
    }

    /** Lets in those who ask for pods. What waits for others, such as an API server, waits on threads of its own. */
    void start() {
        cri.ifPresent(server -> {
            server.start();
            undo.push(server::close);
        });
        api.ifPresent(server -> {
            server.start();
            undo.push(server::close);
        });
        for (Operator operator : operators) {
            undo.push(operator::close);
            Thread.ofVirtual().name("operator-start").start(() -> {
                try {
                    operator.start();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    LOG.error("cannot watch AppPods", e);
                }
            });
        }
        if (settings.sparePods() > 0) {
            Thread.ofPlatform().daemon().name("stage1-start").start(this::prepareForPods);
        }
        housekeeping.start();
        undo.push(housekeeping::close);
        started = true;
    }

    /** What the first pod would wait for otherwise; meanwhile others are served. */
    private void prepareForPods() {
        try {
            stage1s.prepare();
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot make pods ahead: " + e.getMessage(), e);
        }
    }

    Executor executor() {
        return executor;
    }

    ImageStore images() {
        return images;
    }

    NodeSettings settings() {
        return settings;
    }

    boolean isStarted() {
        return started;
    }

    /** Whether every source of AppPods has told all it has. */
    boolean knowsItsPods() {
        return operators.stream().allMatch(Operator::isStarted);
    }

    @Override
    public void close() {
        started = false;
        while (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException e) {
                LOG.warn("while stopping: " + e.getMessage(), e);
            }
        }
    }
}
