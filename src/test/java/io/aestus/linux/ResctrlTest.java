package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups of resctrl, in a directory laid out as the kernel's, which has its files in each group by itself. */
class ResctrlTest {
    @TempDir
    Path root;

    private Resctrl resctrl;

    @BeforeEach
    void lay() throws IOException {
        resctrl = new Resctrl(root);
        Files.createDirectory(root.resolve("mon_groups"));
        Path guaranteed =
                Files.createDirectories(root.resolve("guaranteed/mon_groups")).getParent();
        Files.writeString(guaranteed.resolve("schemata"), "    L3:0=7f0;1=01f\n    MB:0= 20;1= 70\n");
    }

    private String file(String path) throws IOException {
        return Files.readString(root.resolve(path));
    }

    @Test
    void a_process_goes_into_a_group_that_is_there() throws IOException {
        assertTrue(resctrl.has("guaranteed"));
        assertFalse(resctrl.has("other"));
        resctrl.add("guaranteed", Optional.empty(), 42);
        assertEquals("42\n", file("guaranteed/tasks"));
        resctrl.add("/", Optional.empty(), 43);
        assertEquals("43\n", file("tasks"));
    }

    @Test
    void a_group_that_is_there_must_have_the_same_shares() throws IOException {
        resctrl.make("guaranteed", List.of("L3:0=7F0;1=1f", "MB:1=70"));
        var refused = assertThrows(IOException.class, () -> resctrl.make("guaranteed", List.of("L3:0=7f0;1=3f")));
        assertEquals("resctrl group guaranteed has other shares of l3:1", refused.getMessage());
        assertThrows(IOException.class, () -> resctrl.make("guaranteed", List.of("L2:0=f")));
    }

    @Test
    void a_group_of_its_own_is_made_and_goes() throws IOException {
        resctrl.make("own", List.of("L3:0=f"));
        assertEquals("L3:0=f\n", file("own/schemata"));
        Files.delete(root.resolve("own/schemata")); // the kernel's, as its directory is
        resctrl.remove("own");
        assertFalse(resctrl.has("own"));
        resctrl.remove("own");
    }

    @Test
    void what_a_process_uses_is_counted_in_a_group_below() throws IOException {
        resctrl.monitor("guaranteed", "app");
        resctrl.add("guaranteed", Optional.of("app"), 42);
        assertEquals("42\n", file("guaranteed/tasks"));
        assertEquals("42\n", file("guaranteed/mon_groups/app/tasks"));
        Files.delete(root.resolve("guaranteed/mon_groups/app/tasks"));
        resctrl.removeMonitor("guaranteed", "app");
        assertFalse(Files.exists(root.resolve("guaranteed/mon_groups/app")));
        resctrl.removeMonitor("guaranteed", "app");
    }
}
