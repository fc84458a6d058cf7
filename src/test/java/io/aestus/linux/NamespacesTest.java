package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Run as root in a mount namespace of its own. */
@Tag("host")
class NamespacesTest {
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    private static String own() throws IOException {
        return Files.readSymbolicLink(OWN).toString();
    }

    @Test
    void a_new_network_has_only_its_loopback_and_that_is_up() throws IOException {
        String before = own();
        try (Fd network = Namespaces.newNetwork()) {
            String inside = Namespaces.inside(network, Namespace.NETWORK, NamespacesTest::own);
            assertNotEquals(before, inside);
            List<String> interfaces = Namespaces.inside(
                    network, Namespace.NETWORK, () -> Files.readAllLines(Path.of("/proc/thread-self/net/dev")));
            assertEquals(3, interfaces.size(), "two lines of heading, and lo: " + interfaces);
            assertEquals(before, own(), "we never moved");
        }
    }

    @Test
    void what_is_opened_inside_stays_there() throws IOException {
        try (Fd network = Namespaces.newNetwork();
                var server = Namespaces.inside(network, Namespace.NETWORK, () -> ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))) {
            var address = (InetSocketAddress) server.getLocalAddress();
            assertThrows(IOException.class, () -> new Socket(address.getAddress(), address.getPort()).close());
            boolean connected = Namespaces.inside(network, Namespace.NETWORK, () -> {
                try (var client = new Socket(address.getAddress(), address.getPort())) {
                    return client.isConnected();
                }
            });
            assertEquals(true, connected);
        }
    }

    @Test
    void a_pinned_namespace_is_found_again_by_its_file(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("net");
        String inside;
        try (Fd network = Namespaces.newNetwork()) {
            inside = Namespaces.inside(network, Namespace.NETWORK, NamespacesTest::own);
            Namespaces.pin(network, file);
        }
        try (Fd again = Namespaces.pinned(file, Namespace.NETWORK)) {
            assertEquals(inside, Namespaces.inside(again, Namespace.NETWORK, NamespacesTest::own));
        }
        assertThrows(SyscallException.class, () -> Namespaces.pinned(file, Namespace.IPC));
        Namespaces.unpin(file);
        assertFalse(Files.exists(file));
        Namespaces.unpin(file);
    }

    @Test
    void an_ordinary_file_is_no_namespace(@TempDir Path dir) throws IOException {
        Path file = Files.createFile(dir.resolve("net"));
        var refusal = assertThrows(SyscallException.class, () -> Namespaces.pinned(file, Namespace.NETWORK));
        assertEquals(Errno.EINVAL, refusal.errno());
    }

    @Test
    void failures_come_back_and_impossible_kinds_are_refused() throws IOException {
        try (Fd network = Namespaces.newNetwork();
                Fd mounts = Namespaces.of(ProcessHandle.current().pid(), Namespace.MOUNT)) {
            var failure = assertThrows(
                    IOException.class,
                    () -> Namespaces.inside(network, Namespace.NETWORK, () -> {
                        throw new IOException("inside");
                    }));
            assertEquals("inside", failure.getMessage());
            assertThrows(
                    IllegalArgumentException.class, () -> Namespaces.inside(mounts, Namespace.MOUNT, () -> "never"));
        }
    }
}
