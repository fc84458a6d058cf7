package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** On a full disk nothing is half made, and what is asked again later is done. */
@Tag("host")
class FullDiskHostTest extends RealNode {
    /** Pods lie on a disk of their own, so small that a file fills it. */
    private Path fill() throws Exception {
        Path pods = directory.resolve("data/pods");
        close();
        tool("mount", "-t", "tmpfs", "-o", "size=1m,mode=0711", "tmpfs", pods.toString());
        open();
        return fillUp(pods);
    }

    private static Path fillUp(Path disk) throws IOException {
        Path filler = disk.resolve(".filler");
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] page = new byte[4096];
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            return filler;
        }
    }

    /** Only when its pods are gone. */
    @Override
    @AfterEach
    void stop() throws InterruptedException {
        super.stop();
        try {
            tool("umount", "--lazy", directory.resolve("data/pods").toString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void tool(String... command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), () -> String.join(" ", command));
    }

    private static void refused(Executable call) {
        var full = assertThrows(StatusRuntimeException.class, call);
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, full.getStatus().getCode(), full.getMessage());
    }

    private List<Integer> counts() {
        return List.of(
                client.runtime
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount(),
                client.runtime
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount());
    }

    @Test
    void a_sandbox_is_made_whole_or_not_at_all() throws Exception {
        Path filler = fill();
        refused(() -> sandbox("first"));
        assertEquals(List.of(0, 0), counts());
        Files.delete(filler);
        sandbox("first");
        assertEquals(List.of(1, 0), counts());
    }

    @Test
    void and_so_is_a_container() throws Exception {
        Path filler = fill();
        Files.delete(filler);
        String sandbox = sandbox("first");
        filler = fillUp(filler.getParent());
        refused(() -> create(sandbox, "app", "exec sleep 1000", config -> {}));
        assertEquals(List.of(1, 0), counts());
        Files.delete(filler);
        startContainer(create(sandbox, "app", "exec sleep 1000", config -> {}));
        assertEquals(List.of(1, 1), counts());
    }
}
