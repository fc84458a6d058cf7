package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.PodUuid;
import io.aestus.linux.OwnUsers;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The isolations that an executor can use. A pod is marked with the one that it was made for, and every process that has to do
 * with it later uses that one, whatever it would choose itself. Each is opened when the first pod asks for it. Thread-safe.
 */
public final class Stage1s implements AutoCloseable {
    /** Makes an isolation ready to be used. */
    private interface Opening {
        Stage1 open(Stage1Name name) throws IOException;
    }

    private final String usual;
    private final Optional<Opening> opening;
    private final Map<String, Stage1> opened = new HashMap<>();

    private Stage1s(String usual, Optional<Opening> opening) {
        this.usual = usual;
        this.opening = opening;
    }

    /** That one alone. */
    public static Stage1s only(Stage1 stage1) {
        var stage1s = new Stage1s(stage1.name(), Optional.empty());
        stage1s.opened.put(stage1.name(), stage1);
        return stage1s;
    }

    /**
     * All that this host has. This process is non-dumpable from here on.
     *
     * @param directory the data directory
     * @param networks opens the networks that pods can be in, when the first one needs it
     * @param usual what isolates pods that do not say
     * @param spares how many pods the built-in isolation keeps made ahead. Each is a process of some kilobytes
     * @throws IOException where the host lets nobody launch anything safely
     */
    public static Stage1s ofHost(
            Path directory,
            ImageTrees images,
            Supplier<PodNetworks> networks,
            Clock clock,
            Stage1Name usual,
            int spares)
            throws IOException {
        var ground = Groundwork.lay(directory, images, networks, clock);
        return new Stage1s(usual.toString(), Optional.of(name -> open(name, ground, spares)));
    }

    /** The same with the networks of a node of which nothing is configured, and the built-in isolation as the usual one. */
    public static Stage1s ofHost(Path directory, ImageTrees images, Clock clock) throws IOException {
        return ofHost(
                directory,
                images,
                () -> PodNetworks.of(NetworkSettings.of(directory, List.of())),
                clock,
                new Stage1Name.Native(),
                0);
    }

    private static Stage1 open(Stage1Name name, Groundwork ground, int spares) throws IOException {
        if (!OwnUsers.areHosts() && !(name instanceof Stage1Name.Native)) {
            throw new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot use isolation " + Quoted.of(name.toString()) + " without being root of the host")
                    .withRemedy("--stage1=native, or as root");
        }
        return switch (name) {
            case Stage1Name.Native _ -> new NativeStage1(ground, spares);
            case Stage1Name.Fly _ -> new FlyStage1(ground);
            case Stage1Name.Oci(Path program) -> OciStage1.open(program, ground);
        };
    }

    /** What isolates a new pod: what it asks for, or the usual one. */
    Stage1 choose(Optional<Stage1Name> wanted) throws IOException {
        return named(wanted.map(Stage1Name::toString).orElse(usual));
    }

    /** What isolates a pod that is there. */
    Stage1 of(PodRecord pod) throws IOException {
        return named(pod.stage1());
    }

    private synchronized Stage1 named(String name) throws IOException {
        Stage1 known = opened.get(name);
        if (known != null) {
            return known;
        }
        Opening how = opening.orElseThrow(() -> new AestusException(
                Problem.UNSUPPORTED, "cannot use isolation " + Quoted.of(name) + ": this process has only " + usual));
        Stage1 stage1 = how.open(Stage1Name.parse(name));
        opened.put(name, stage1);
        return stage1;
    }

    /** Opens the usual one now, so that the first pod need not wait for it. */
    public void prepare() throws IOException {
        choose(Optional.empty());
    }

    /** Has the usual one, and each that was used, take back what it or another process could not before. */
    void sweep(Predicate<PodUuid> isLive) throws IOException {
        prepare();
        List<Stage1> all;
        synchronized (this) {
            all = List.copyOf(opened.values());
        }
        for (Stage1 stage1 : all) {
            stage1.sweep(isLive);
        }
    }

    /** Lets go of what they keep ready for pods to come; pods that are there stay. */
    @Override
    public synchronized void close() throws IOException {
        for (Stage1 stage1 : opened.values()) {
            if (stage1 instanceof NativeStage1 builtIn) {
                builtIn.close();
            }
        }
    }
}
