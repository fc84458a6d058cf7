package io.aestus.executor;

import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.ResolvedMount;
import io.aestus.appc.Volume;
import io.aestus.linux.Directory;
import io.aestus.linux.NoticeSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an app tells of itself by sd_notify, if it is annotated that it does: a socket in its directory, where nobody else of the
 * host comes, that it sees in its root.
 */
final class NoticePlace {
    private static final String DIRECTORY = "notify";
    private static final String SOCKET = "socket";
    private static final String IN_APP = "/run/aestus/notify";

    /** What its program finds in its environment. */
    static final Map<String, String> VARIABLES = Map.of("NOTIFY_SOCKET", IN_APP);

    private NoticePlace() {}

    /** Opens the socket for one start of an app, if it tells of itself, and has it kept for who comes after us. */
    static Optional<NoticeSocket> open(Stage1 stage1, Stage1.AppPlace app, Keeper keeper, Keeper.Start start)
            throws IOException {
        if (!stage1.define(app).annotations().supportsSystemdNotify()) {
            return Optional.empty();
        }
        NoticeSocket socket;
        try (Directory directory = Directory.open(app.directory())) {
            directory.makeDirectory(DIRECTORY, 0700);
            try (Directory place = directory.openDirectory(DIRECTORY)) {
                socket = NoticeSocket.open(place, SOCKET);
            }
        }
        try {
            keeper.park(start, Keeper.Kind.NOTICES, List.of(socket.fd()));
            return Optional.of(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Where the socket is, for a stage1 that changes nobody's root. */
    static Path path(Path app) {
        return app.resolve(DIRECTORY).resolve(SOCKET);
    }

    /** By which the app sees it. */
    static ResolvedMount mount(Path app) {
        var socket = new Volume.Host(
                new AcName("notify"), AbsolutePath.parse(path(app).toString()), true, false);
        return new ResolvedMount(socket, AbsolutePath.parse(IN_APP), true, ResolvedMount.Origin.APP);
    }
}
