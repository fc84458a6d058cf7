package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.v1.VersionRequest;
import io.aestus.rpc.SocketTransport;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CriSocketTest {
    @TempDir
    Path directory;

    private CriServer server(Path socket, Optional<String> group) {
        var settings = new CriSettings(socket, group, "0.1.0", FakeNetwork.READY);
        return new CriServer(settings, new FakePods(), new FakeImages());
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void assertAnswers(Path socket) throws Exception {
        try (var client = new CriClient(socket)) {
            assertEquals(
                    "aestus",
                    client.runtime.version(VersionRequest.getDefaultInstance()).getRuntimeName());
        }
    }

    @Test
    void only_its_owner_may_connect_and_nothing_is_left_when_it_stops() throws Exception {
        Path socket = directory.resolve("run/cri.sock");
        try (var server = server(socket, Optional.empty())) {
            server.start();
            assertEquals("rw-------", mode(socket));
            assertEquals("rwx------", mode(socket.getParent()));
            try (var files = Files.list(socket.getParent())) {
                assertEquals(List.of(socket), files.toList());
            }
            assertAnswers(socket);
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void a_group_may_connect_if_it_is_named() throws Exception {
        Path socket = directory.resolve("cri.sock");
        String group = Files.readAttributes(directory, PosixFileAttributes.class)
                .group()
                .getName();
        try (var server = server(socket, Optional.of(group))) {
            server.start();
            assertEquals("rw-rw----", mode(socket));
        }
    }

    @Test
    void a_socket_that_a_killed_agent_left_is_replaced() throws Exception {
        Path socket = directory.resolve("cri.sock");
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        try (var server = server(socket, Optional.empty())) {
            server.start();
            assertAnswers(socket);
        }
    }

    @Test
    void one_that_answers_is_left_alone() throws Exception {
        Path socket = directory.resolve("cri.sock");
        try (var first = server(socket, Optional.empty());
                var second = server(socket, Optional.empty())) {
            first.start();
            var problem = assertThrows(AestusException.class, second::start);
            assertEquals(Problem.CONFLICT, problem.problem());
            assertEquals("cannot listen on " + socket + ": another agent answers there", problem.message());
            assertAnswers(socket);
        }
    }

    @Test
    void a_path_too_long_for_the_kernel_is_refused_with_the_limit() {
        Path socket = directory.resolve("x".repeat(100));
        var problem = assertThrows(
                AestusException.class, () -> server(socket, Optional.empty()).start());
        assertEquals("cannot listen on " + socket + ": a socket's path may have 100 bytes", problem.message());
    }

    @ParameterizedTest
    @EnumSource
    void either_transport_serves(SocketTransport transport) throws Exception {
        Path socket = directory.resolve("cri.sock");
        var settings = new CriSettings(socket, Optional.empty(), "0.1.0", FakeNetwork.READY);
        try (var server = new CriServer(settings, new FakePods(), new FakeImages(), transport)) {
            server.start();
            assertAnswers(socket);
        }
    }
}
