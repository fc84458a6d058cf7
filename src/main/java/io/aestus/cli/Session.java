package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.PodUuid;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.Failures;
import io.aestus.executor.PodSnapshot;
import io.aestus.executor.PodStatus;
import io.aestus.executor.Stage1Name;
import io.aestus.executor.Stage1s;
import io.aestus.executor.StoreTrees;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.KeyAcceptance;
import io.aestus.fetch.PullPolicy;
import io.aestus.fetch.Resolver;
import io.aestus.linux.Signal;
import io.aestus.metadata.PodMetadata;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import io.aestus.store.ImageSnapshot;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * What a command works with: its output, the global options, and the rooms of the house, each opened when first asked
 * for. Not thread-safe; closed when the command has ended.
 */
final class Session implements AutoCloseable {
    private final GlobalOptions options;
    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;
    private final Caller caller;
    private final Dialect dialect;
    private @Nullable ImageStore images;
    private @Nullable FetchProgress progress;
    private @Nullable Executor executor;

    Session(
            GlobalOptions options,
            Map<String, String> environment,
            PrintStream out,
            PrintStream err,
            Caller caller,
            Dialect dialect) {
        this.dialect = dialect;
        this.options = options;
        this.environment = environment;
        this.out = out;
        this.err = err;
        this.caller = caller;
    }

    GlobalOptions options() {
        return options;
    }

    /** The variables of whoever called us. */
    Map<String, String> environment() {
        return environment;
    }

    /** What the caller gives us to read. */
    InputStream in() {
        return caller.input();
    }

    /** For results: what a script may want. */
    PrintStream out() {
        return out;
    }

    /** For progress, notices and questions. */
    PrintStream err() {
        return err;
    }

    /** Tells the user of something besides the results: a line like those of errors. */
    void note(String text) {
        err.println(dialect.program() + ": " + text);
    }

    /** Results in the format that was asked for. */
    Output output() {
        return new Output(options.format(), out, this::window, ink());
    }

    /** Whose manners the output shall have. */
    Dialect dialect() {
        return dialect;
    }

    /** Whether somebody sees results while they are written. */
    boolean isWatched() {
        return caller.isShown();
    }

    /** How what went wrong is said, where a command goes on after it. */
    ErrorReport errors() {
        boolean isColoured = caller.isWatching() && options.color();
        return new ErrorReport(err, options.debug(), isColoured ? Ink.COLOURED : Ink.PLAIN, dialect);
    }

    /** Whether results are coloured. */
    Ink ink() {
        return isWatched() && options.color() ? Ink.COLOURED : Ink.PLAIN;
    }

    /** How much of a table can be seen. */
    Window window() {
        return isWatched() ? Window.ofOurTerminal() : Window.BOUNDLESS;
    }

    ImageStore images() {
        if (images == null) {
            try {
                images = ImageStore.open(StoreLayout.of(options.dir()));
            } catch (IOException e) {
                throw cannotOpenImages(e);
            }
        }
        return images;
    }

    private AestusException cannotOpenImages(IOException cause) {
        AestusException failure = Failures.of("open the images in " + options.dir(), cause);
        return failure.remedy().isPresent()
                ? failure
                : failure.withRemedy("run as root, or choose a directory of yours with --dir");
    }

    /** All images, in no order. The store is not opened. */
    List<StoredImage> allImages() {
        try {
            return ImageSnapshot.list(StoreLayout.of(options.dir()));
        } catch (IOException e) {
            throw cannotOpenImages(e);
        }
    }

    /** All pods. The executor is opened only if the disk does not tell it all. */
    List<PodStatus> allPods() {
        return PodSnapshot.list(options.dir()).orElseGet(() -> executor().list());
    }

    Executor executor() {
        if (executor == null) {
            openProgram();
            var config = ExecutorConfig.of(options.dir()).withExits(options.exits());
            executor = Executor.open(
                    options.metadata() ? config.withMetadata(PodMetadata.of(options.dir(), images())) : config,
                    stage1s());
        }
        return executor;
    }

    /**
     * Opens the archive of our classes, and what unpacks it: with a class cache that happens when the first class is missing there,
     * and where no further file can be opened it must not be amid a start.
     */
    private static void openProgram() {
        try (InputStream archive = Session.class.getResourceAsStream("Session.class")) {
            if (archive == null || archive.read() < 0) {
                throw new IOException("its own file has no classes");
            }
            new Inflater().end();
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot load the program: " + e.getMessage(), e)
                    .withRemedy("a higher limit of open files (ulimit -n), or install it anew");
        }
    }

    /** What isolates pods that do not say. */
    Stage1Name usualStage1() {
        return options.stage1().map(Stage1Name::parse).orElse(new Stage1Name.Native());
    }

    private Stage1s stage1s() {
        try {
            return Stage1s.ofHost(
                    options.dir(), new StoreTrees(images()), this::networks, Clock.systemUTC(), usualStage1(), 0);
        } catch (IOException e) {
            throw new AestusException(Problem.UNSUPPORTED, "cannot isolate pods on this host: " + e.getMessage(), e)
                    .withRemedy("aestus doctor");
        }
    }

    /** The networks that pods of this host can be in. */
    PodNetworks networks() {
        return PodNetworks.of(
                NetworkSettings.of(options.dir(), options.configDirs()).withPlugins(options.networkPlugins()));
    }

    /** The trusted keys; new ones go to the directory of the highest priority. */
    KeyStore keys() {
        List<Path> layers = options.configDirs().stream()
                .map(dir -> dir.resolve("trustedkeys"))
                .toList();
        return KeyStore.open(layers, InstantSource.system());
    }

    ImageFetcher fetcher() {
        return new ImageFetcher(images(), keys(), fetchConfig());
    }

    /** How this host reaches others. */
    FetchConfig fetchConfig() {
        return FetchConfig.read(options.configDirs(), environment, options.caFile());
    }

    Resolver resolver() {
        return new Resolver(images(), fetcher());
    }

    /** How the user wants images fetched. */
    FetchPolicy fetchPolicy(PullPolicy pull) {
        Insecure[] insecure = options.insecure().stream()
                .flatMap(word -> Insecure.named(word).stream())
                .toArray(Insecure[]::new);
        return FetchPolicy.STANDARD.pulling(pull).allowing(insecure).accepting(keyAcceptance());
    }

    /** Who decides on keys that discovery finds: whoever holds the name, if the user says so, else the user. */
    private KeyAcceptance keyAcceptance() {
        if (options.trustsKeysFromHttps()) {
            return KeyAcceptance.FROM_HTTPS;
        }
        return caller.isAnswering()
                ? new KeyQuestion(caller, err, () -> progress().close())
                : KeyAcceptance.NONE;
    }

    /** Where progress is shown: on a terminal as it goes, else in plain lines. */
    FetchProgress progress() {
        if (progress == null) {
            progress = new FetchProgress(err, dialect, caller.isWatching(), columns(), InstantSource.system());
        }
        return progress;
    }

    /** How wide the terminal is, if there is one that knows. */
    private @Nullable String columns() {
        String said = environment.get("COLUMNS");
        return said != null || !caller.isWatching()
                ? said
                : Integer.toString(Window.ofOurTerminal().columns());
    }

    /**
     * Asks a question that yes or no answers.
     *
     * @throws AestusException {@link Problem#DENIED} if nobody is there to answer
     */
    boolean confirms(String question) throws IOException {
        if (!caller.isAnswering()) {
            throw new AestusException(Problem.DENIED, "cannot ask for consent: standard input is no terminal")
                    .withRemedy("--skip-review, once you have compared the fingerprint");
        }
        return caller.confirms(question, err);
    }

    /** The pods that were named, or whose UUIDs are in the files of {@code --uuid-file}; at least one. */
    List<PodUuid> pods(ParseResult arguments) throws IOException {
        var pods = new ArrayList<PodUuid>();
        Optional<PodUuid> ofFile = podOfFile(arguments);
        ofFile.ifPresent(pods::add);
        for (String word : Options.words(arguments)) {
            pods.add(executor().find(word));
        }
        if (pods.isEmpty()) {
            throw new WrongUsage("cannot choose a pod: none is named").withRemedy("aestus list shows all");
        }
        return pods;
    }

    /** The only pod that was named. */
    PodUuid pod(ParseResult arguments) throws IOException {
        List<PodUuid> pods = pods(arguments);
        if (pods.size() > 1) {
            throw new WrongUsage("cannot choose a pod: " + pods.size() + " are named");
        }
        return pods.getFirst();
    }

    /** The pod whose UUID is in the file of {@code --uuid-file}, if there is that option. */
    Optional<PodUuid> podOfFile(ParseResult arguments) throws IOException {
        Optional<String> file = Options.value(arguments, "--uuid-file");
        return file.isEmpty() ? Optional.empty() : Optional.of(executor().find(uuidIn(file.get())));
    }

    private static String uuidIn(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new UnreadUuidFile(file, e);
        }
    }

    /** The number of a signal that the user named. */
    int signal(String word) {
        return Signal.parse(word)
                .orElseThrow(
                        () -> new WrongUsage("cannot send signal " + Quoted.of(word) + ": there is none of that name"));
    }

    @Override
    public void close() {
        out.flush();
        if (progress != null) {
            progress.close();
        }
        if (executor != null) {
            executor.close();
        }
        if (images != null) {
            images.close();
        }
    }
}
