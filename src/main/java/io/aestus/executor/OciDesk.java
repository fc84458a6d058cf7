package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.ConsoleSocket;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.NewFileSystem;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * What we and one run of an OCI runtime have in common: a small file system that the runtime finds at {@value #PLACE}, in its
 * own mounts and nobody else's, with what it reads and writes, and in which the roots of containers are attached. It is gone
 * with the last that has it open: a crash leaves nothing.
 *
 * <p>Its path is short, which sockets need, and every user may pass it: a runtime that has become the root of a pod is nobody
 * there.
 */
final class OciDesk implements AutoCloseable {
    static final String PLACE = "/run/aestus/oci";
    static final String CONFIG = "config.json";
    static final String PROCESS = "process.json";
    static final String CONSOLE = "console";
    static final String LOG = "log";
    static final String PID = "pid";
    static final String ROOT = "root";
    static final String STATE = "state";
    static final String NULL = "null";

    private static final int S_IFCHR = 0020000;
    private static final int MAX_BYTES = 1 << 20;

    private final Fd mount;
    private final Directory directory;

    private OciDesk(Fd mount) {
        this.mount = mount;
        this.directory = Directory.of(mount);
    }

    /** Makes where it is found, on the host: an empty directory. */
    static void makePlace() throws IOException {
        Path place = Path.of(PLACE);
        Files.createDirectories(place.getParent());
        if (!Files.exists(place)) {
            Files.createDirectory(
                    place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        }
    }

    /** A new one. Its null device is its own: runtimes give what a container has as its input to the container's user. */
    static OciDesk make() throws IOException {
        try (var tmpfs = NewFileSystem.open("tmpfs")
                .with("source", "aestus-oci")
                .with("mode", "0755")
                .with("size", "4m")) {
            var desk = new OciDesk(tmpfs.mount(Set.of(MountAttribute.NOSUID, MountAttribute.NOEXEC)));
            try {
                desk.directory.makeNode(NULL, S_IFCHR | 0666, 1, 3);
                desk.directory.chmod(NULL, 0666);
                desk.directory.makeDirectory(ROOT, 0755);
                desk.directory.makeDirectory(STATE, 0755);
                return desk;
            } catch (SyscallException e) {
                desk.close();
                throw e;
            }
        }
    }

    /** What is called {@code name}, as the runtime sees it. */
    static String path(String name) {
        return PLACE + "/" + name;
    }

    /** Has what it reads and writes be that user's of the host. */
    void giveTo(int user) throws SyscallException {
        mount.chown(user, user);
        if (directory.find(CONSOLE).isPresent()) {
            directory.chown(CONSOLE, user, user);
        }
    }

    Directory directory() {
        return directory;
    }

    Fd nothing() throws SyscallException {
        return directory.openForWriting(NULL);
    }

    ConsoleSocket console() throws SyscallException {
        return ConsoleSocket.open(directory, CONSOLE);
    }

    void write(String name, JsonObject json) throws IOException {
        try (Fd file = directory.createFile(name, 0644)) {
            file.writeFully(JsonWriter.compact(json));
        }
    }

    /** What a file says; empty if there is none. */
    String read(String name) throws IOException {
        if (directory.find(name).isEmpty()) {
            return "";
        }
        try (Fd file = directory.openForReading(name)) {
            return new String(file.readAll(MAX_BYTES), StandardCharsets.UTF_8);
        }
    }

    /** Adds the steps by which a child has it at its place, in mounts of its own. */
    void addTo(ChildMounts mounts) {
        mounts.attach(mount, PLACE, "attach the runtime's desk");
    }

    @Override
    public void close() {
        mount.close();
    }
}
