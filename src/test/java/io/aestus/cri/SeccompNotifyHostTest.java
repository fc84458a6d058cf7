package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.linux.Errno;
import io.aestus.linux.SeccompAnswers;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seccomp profiles that ask somebody on the node. */
@Tag("host")
class SeccompNotifyHostTest extends RealNode {
    private String create(String sandbox, NamespaceMode processes, Path socket) throws IOException {
        Path profile = Files.writeString(directory.resolve("asks.json"), """
                {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "%s", "listenerMetadata": "for the test",
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}""".formatted(socket));
        return create(sandbox, "app", "mkdir /tmp/new; exec sleep 1000", config -> {
            config.putAnnotations("example.com/why", "to ask");
            var security = config.getLinuxBuilder().getSecurityContextBuilder();
            security.getNamespaceOptionsBuilder().setPid(processes);
            security.setSeccomp(SecurityProfile.newBuilder()
                    .setProfileType(SecurityProfile.ProfileType.Localhost)
                    .setLocalhostRef(profile.toString()));
        });
    }

    private String inside(String id, String script) {
        var done = exec(id, 20, "/bin/sh", "-c", script);
        return (done.getStdout().toStringUtf8() + done.getStderr().toStringUtf8()).strip();
    }

    private static JsonView json(String text) {
        return JsonReader.read(text.getBytes(StandardCharsets.UTF_8), "what was told");
    }

    @ParameterizedTest
    @EnumSource(
            value = NamespaceMode.class,
            names = {"POD", "CONTAINER", "NODE"})
    void somebody_on_the_node_decides_of_calls(NamespaceMode processes) throws Exception {
        Path socket = directory.resolve("asked.sock");
        try (var answers = SeccompAnswers.open(socket, Errno.EXDEV)) {
            String id = create(sandbox("asks"), processes, socket);
            startContainer(id);
            await("an answer", () -> log("app").contains("ross-device link"));
            JsonView told = json(answers.told().getFirst());
            assertEquals("for the test", told.required("metadata").string());
            assertEquals("seccompFd", told.strings("fds").getFirst());
            assertEquals("creating", told.required("state").required("status").string());
            assertEquals(
                    "to ask",
                    told.required("state")
                            .required("annotations")
                            .required("example.com/why")
                            .string());
            long pid = told.required("pid").whole(1, Integer.MAX_VALUE);
            assertTrue(Files.exists(Path.of("/proc/" + pid)), "no process of that number");
            assertEquals("", inside(id, "test -e /tmp/new && echo made"));
            assertTrue(inside(id, "mkdir /tmp/other").contains("ross-device link"), "of a further process");
            assertTrue(answers.told().size() >= 2, answers.told().toString());
            assertEquals(
                    "running",
                    json(answers.told().getLast())
                            .required("state")
                            .required("status")
                            .string());
            String open = inside(id, "/bin/busybox ls -l /proc/self/fd");
            assertTrue(open.contains("pipe:") && !open.contains("seccomp") && !open.contains("socket:"), open);
        }
    }

    @Test
    void where_nobody_answers_nothing_starts() throws Exception {
        String id = create(sandbox("alone"), NamespaceMode.CONTAINER, directory.resolve("nobody.sock"));
        var refused = assertThrows(StatusRuntimeException.class, () -> startContainer(id));
        assertTrue(
                String.valueOf(refused.getMessage()).contains("nobody answers what its seccomp profile asks about"),
                refused.getMessage());
        assertEquals(ContainerState.CONTAINER_EXITED, status(id).getState());
    }
}
