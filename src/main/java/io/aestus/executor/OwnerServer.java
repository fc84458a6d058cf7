package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import io.aestus.linux.NewThread;
import io.aestus.linux.SyscallException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Where other processes ask the owner of a pod for {@linkplain Change changes}: a socket of this process, opened with the
 * first pod that it keeps. Who can reach it can change the pods' directories as well, so nobody is asked who they are.
 *
 * <p>One question a connection: a line of JSON. While the change is being made an empty line goes back every second, so that
 * slow work is told from an owner that hangs; then one line that says what came of it.
 */
final class OwnerServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** A manifest of an app is the largest thing that is asked. */
    static final int LONGEST_LINE = 1024 * 1024;

    static final String BEAT = "\n";
    private static final long BETWEEN_BEATS_MILLIS = 1000;

    private final Engine engine;
    private final PodTable table;
    private final OwnerSockets sockets;
    private @Nullable ServerSocketChannel socket;
    private @Nullable String name;
    private boolean isClosed;

    OwnerServer(Engine engine, PodTable table) {
        this.engine = engine;
        this.table = table;
        this.sockets = engine.ownerSockets();
    }

    /** Has other processes find this one as the owner of a pod. Does not wait for it. */
    void announce(PodUuid pod) {
        engine.workers().start(() -> announceNow(pod));
    }

    private void announceNow(PodUuid pod) {
        try {
            Optional<String> ours = name();
            if (ours.isPresent()) {
                sockets.write(pod, ours.get());
            }
        } catch (NoSuchFileException _) {
            LOG.log(Level.DEBUG, "pod {0} is gone already", pod);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot be asked for changes of pod {0}: {1}", pod, e.getMessage());
        }
    }

    /** What the socket is called, which is opened now if it is not yet; empty at the end. */
    private synchronized Optional<String> name() throws IOException {
        if (name == null && !isClosed) {
            String fresh = sockets.make();
            ServerSocketChannel server = sockets.at(fresh, OwnerServer::listen);
            try {
                start(() -> accept(server));
            } catch (SyscallException e) {
                server.close();
                throw e;
            }
            socket = server;
            name = fresh;
        }
        return isClosed ? Optional.empty() : Optional.ofNullable(name);
    }

    /**
     * On a platform thread: the poller that virtual ones wait by is a thread in native code for ever, for which the JVM waits 300
     * ms when it ends, and commands own pods too.
     */
    private static void start(Runnable work) throws SyscallException {
        NewThread.start(Thread.ofPlatform().daemon().name("aestus-owner").unstarted(work));
    }

    private static ServerSocketChannel listen(SocketAddress address) throws IOException {
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return server.bind(address);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    private void accept(ServerSocketChannel server) {
        try {
            while (true) {
                SocketChannel caller = server.accept();
                try {
                    start(() -> serve(caller));
                } catch (SyscallException e) {
                    caller.close(); // whoever asked says that nobody answers
                    LOG.log(Level.WARNING, "cannot be asked for a change: {0}", e.getMessage());
                }
            }
        } catch (ClosedChannelException _) {
            LOG.log(Level.DEBUG, "no further changes are taken");
        } catch (IOException e) {
            LOG.log(Level.ERROR, "cannot be asked for changes any more", e);
        }
    }

    private void serve(SocketChannel caller) {
        try (caller;
                InputStream in = Channels.newInputStream(caller);
                OutputStream out = Channels.newOutputStream(caller)) {
            byte[] question = readLine(in);
            if (question.length > 0) {
                var made = CompletableFuture.supplyAsync(() -> answer(question), Thread.ofVirtual()::start);
                out.write(line(await(made, out)));
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "who asked for a change is gone", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static JsonObject await(CompletableFuture<JsonObject> made, OutputStream out)
            throws IOException, InterruptedException {
        while (true) {
            try {
                return made.get(BETWEEN_BEATS_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                out.write(BEAT.getBytes(StandardCharsets.US_ASCII));
            } catch (ExecutionException e) {
                LOG.log(Level.ERROR, "internal error in a change that was asked for", e.getCause());
                return refusal(new AestusException(Problem.UNAVAILABLE, "cannot change the pod: internal error"));
            }
        }
    }

    private JsonObject answer(byte[] question) {
        try {
            JsonView view = JsonReader.readOwn(question, "a change that was asked for");
            PodUuid pod = view.required("pod").parsed(PodUuid::parse);
            Change change = Change.read(view.required("change"));
            boolean isOurs = engine.workers().run(() -> isMade(pod, change));
            return JsonObject.builder().put("done", isOurs).build();
        } catch (AestusException e) {
            return refusal(e);
        } catch (IOException e) {
            return refusal(Failures.of("change the pod", e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return JsonObject.builder().put("done", false).build();
        }
    }

    private boolean isMade(PodUuid pod, Change change) throws IOException, InterruptedException {
        try (var lease = table.leaseIfOwned(pod).orElse(null)) {
            if (lease == null) {
                return false;
            }
            change.on(table.pods(), lease.pod());
            return true;
        } catch (IOException e) {
            throw Failures.of(change.what(pod), e);
        }
    }

    private static JsonObject refusal(AestusException why) {
        return JsonObject.builder()
                .put("problem", why.problem().name())
                .put("message", why.message())
                .put("remedy", why.remedy())
                .build();
    }

    static byte[] line(JsonObject value) {
        byte[] text = JsonWriter.compact(value);
        byte[] line = Arrays.copyOf(text, text.length + 1);
        line[text.length] = '\n';
        return line;
    }

    /** A line without its end; empty at the end of the stream. */
    private static byte[] readLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        var chunk = new byte[4096];
        for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
            line.write(chunk, 0, count);
            if (chunk[count - 1] == '\n') {
                return line.toByteArray();
            }
            if (line.size() > LONGEST_LINE) {
                throw new IOException("a line of more than " + LONGEST_LINE + " bytes");
            }
        }
        return new byte[0];
    }

    @Override
    public synchronized void close() throws IOException {
        isClosed = true;
        if (socket != null && name != null) {
            socket.close();
            sockets.remove(name);
        }
    }
}
