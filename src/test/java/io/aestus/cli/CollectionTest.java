package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What garbage collection takes, and what it leaves. */
@Tag("host")
class CollectionTest extends InABox {
    private String ended(String name) {
        String uuid = box.start("exit 0", "--pod-name=" + name);
        box.await("state=exited", "status", name);
        return uuid;
    }

    @Test
    void only_marking_removes_nothing_and_the_grace_counts_from_the_end() {
        String uuid = ended("shop");
        String prepared = box.run("prepare", "--pod-name=never", box.image).ok().strip();
        assertEquals(
                "moving pod \"" + uuid + "\" to garbage\n",
                box.run("gc", "--mark-only").err());
        assertTrue(box.run("gc", "--mark-only", "--expire-prepared=0s").err().contains(prepared));
        var kept = box.run("gc", "--grace-period=1h");
        assertEquals("", kept.out());
        assertEquals("pod \"" + uuid + "\" not removed: still within grace period (1h00m)\n", kept.err());
        assertEquals(
                "Garbage collecting pod \"" + uuid + "\"\n",
                box.run("gc", "--grace-period=0s").out());
        assertTrue(box.run("status", "never").ok().contains("state=prepared"));
    }

    @Test
    void images_go_by_size_and_those_of_pods_stay() throws IOException {
        Path other = dir.resolve("other.aci");
        Files.writeString(
                dir.resolve("other.json"),
                "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/other\"}");
        box.run(
                        "image",
                        "build",
                        "--manifest",
                        dir.resolve("other.json").toString(),
                        dir.resolve("rootfs").toString(),
                        other.toString())
                .ok();
        String id = box.run("fetch", "--full", other.toString()).ok().strip();
        box.run("prepare", "--pod-name=never", box.image).ok();
        assertEquals("", box.run("image", "gc", "--max-size=1Gi").ok(), "nothing is too much");
        assertTrue(box.run("image", "gc", "--until-free=1").ok().isEmpty());
        var shrunk = box.run("image", "gc", "--max-size=1");
        assertEquals(254, shrunk.code());
        assertEquals("removed image \"" + id + "\"\n", shrunk.out());
        assertTrue(shrunk.err().contains("more cannot go"), shrunk.err());
        assertEquals(List.of("example.com/box"), images());
        box.run("image", "gc", "--max-size=much").fails(2);
    }

    private List<String> images() {
        return box.run("image", "list", "--no-legend", "--fields=name")
                .ok()
                .lines()
                .toList();
    }

    @Test
    void prune_takes_what_nothing_uses_and_df_says_how_much_that_is() {
        ended("shop");
        String df = box.run("system", "df", "--format=json").ok();
        assertTrue(df.contains("{\"type\":\"pods\",\"count\":1,\"active\":0,\"bytes\":"), df);
        assertTrue(df.contains("{\"type\":\"images\",\"count\":1,\"active\":1,\"bytes\":"), df);
        assertTrue(box.run("system", "prune").fails(254).contains("--force"));
        box.run("system", "prune", "--force", "--keep-images").ok();
        assertEquals("", box.run("list", "--no-legend").ok());
        assertEquals(List.of("example.com/box"), images());
        box.run("system", "prune", "--force").ok();
        assertEquals(List.of(), images());
        assertFalse(box.run("system", "df").ok().contains(" 1 "));
    }
}
