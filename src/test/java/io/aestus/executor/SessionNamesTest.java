package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.json.JsonObject;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionNamesTest {
    private final SessionNames names = new SessionNames();
    /** What the isolation was asked, in words. */
    private final List<String> asked = new ArrayList<>();

    private boolean isGone;

    private final Stage1 stage1 = (Stage1)
            Proxy.newProxyInstance(Stage1.class.getClassLoader(), new Class<?>[] {Stage1.class}, (_, method, args) -> {
                asked.add(method.getName() + " " + args[1]);
                return method.getName().equals("prepareExec") ? !isGone : null;
            });

    private static AppPlace app(int number) {
        var pod = new PodPlace(
                PodUuid.random(), Path.of("/pods"), PodManifest.of(), PodOptions.DEFAULT, "pod", JsonObject.EMPTY);
        return new AppPlace(
                pod,
                new AcName("web"),
                Path.of("/pods/" + number),
                Node.app("web", "true"),
                AppOptions.DEFAULT,
                1,
                JsonObject.EMPTY);
    }

    private String prepared() {
        return Optional.of(asked.getLast())
                .filter(words -> words.startsWith("prepareExec "))
                .orElseThrow()
                .substring("prepareExec ".length());
    }

    @Test
    void what_was_prepared_is_the_name_of_the_next_one_and_of_no_other() {
        names.prepare(stage1, app(1));
        String name = prepared();
        assertNotEquals(name, names.next(app(2)));
        assertEquals(name, names.next(app(1)));
        assertNotEquals(name, names.next(app(1)));
    }

    @Test
    void one_is_enough() {
        names.prepare(stage1, app(1));
        names.prepare(stage1, app(1));
        assertEquals(1, asked.size());
    }

    @Test
    void an_app_that_is_gone_needs_none() {
        isGone = true;
        names.prepare(stage1, app(1));
        assertNotEquals(prepared(), names.next(app(1)));
    }

    @Test
    void of_many_apps_the_one_that_was_not_asked_for_longest_has_none_any_more() {
        names.prepare(stage1, app(0));
        String first = prepared();
        for (int i = 1; i < 64; i++) {
            names.prepare(stage1, app(i));
            assertTrue(asked.getLast().startsWith("prepareExec "), asked::toString);
        }
        names.prepare(stage1, app(64));
        assertEquals("releaseExec " + first, asked.getLast());
        assertNotEquals(first, names.next(app(0)));
    }
}
