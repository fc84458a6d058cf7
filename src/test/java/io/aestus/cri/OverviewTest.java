package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.executor.StopOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverviewTest extends ServedFakes {
    private Overview.Sandbox only(Overview overview) {
        List<Overview.Sandbox> all = overview.sandboxes();
        assertEquals(1, all.size());
        return all.getFirst();
    }

    @Test
    void what_did_not_change_is_told_by_the_same_message() {
        String id = run(sandbox("web", 0));
        create(id, container("app", 0));
        var overview = new Overview(pods);
        Overview.Sandbox first = only(overview);
        assertEquals(id, first.told().getId());
        assertSame(first, only(overview));
    }

    @Test
    void a_change_is_told_at_once() {
        String id = run(sandbox("web", 0));
        var overview = new Overview(pods);
        assertEquals(List.of(), only(overview).containers());
        String container = create(id, container("app", 0));
        Overview.Sandbox created = only(overview);
        assertEquals(
                ContainerState.CONTAINER_CREATED,
                created.containers().getFirst().told().getState());
        startContainer(container);
        Overview.Sandbox started = only(overview);
        assertNotSame(created, started);
        assertEquals(
                ContainerState.CONTAINER_RUNNING,
                started.containers().getFirst().told().getState());
        pods.die(PodUuid.parse(id));
        assertEquals(PodSandboxState.SANDBOX_NOTREADY, only(overview).told().getState());
    }

    @Test
    void what_is_gone_is_told_of_no_more() {
        PodUuid gone = PodUuid.parse(run(sandbox("web", 0)));
        String stays = run(sandbox("db", 0));
        var overview = new Overview(pods);
        assertEquals(2, overview.sandboxes().size());
        pods.stop(gone, StopOptions.NOW);
        pods.remove(gone);
        assertEquals(stays, only(overview).told().getId());
    }
}
