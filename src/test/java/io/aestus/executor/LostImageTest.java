package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apps whose image cannot be read any more while they run. */
class LostImageTest {
    @TempDir
    Path directory;

    private static final class Forgetful extends PlainStage1 {
        private volatile boolean isLost;

        Forgetful() throws IOException {}

        @Override
        public Definition define(AppPlace app) {
            if (isLost) {
                throw new AestusException(Problem.NOT_FOUND, "cannot find the image of app " + app.name());
            }
            return super.define(app);
        }
    }

    @Test
    void their_end_is_recorded_and_their_pod_ends() throws IOException, InterruptedException {
        var stage1 = new Forgetful();
        try (var node = new Node(directory, stage1, Isolation.PLAIN.config(directory))) {
            var pod = node.run(Node.pod(Node.app("app", "sleep 1000")));
            stage1.isLost = true;
            node.executor.stop(pod, StopOptions.NOW);
            var exited = node.executor.waitFor(pod, Node.SOON).orElseThrow();
            assertEquals(137, exited.exits().get(Node.name("app")).code());
            assertInstanceOf(PodState.Exited.class, node.executor.status(pod).state());
            node.executor.remove(pod);
        }
    }
}
