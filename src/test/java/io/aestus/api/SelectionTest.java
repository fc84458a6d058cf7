package io.aestus.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.api.v1alpha.App;
import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventFilter;
import io.aestus.api.v1alpha.EventType;
import io.aestus.api.v1alpha.Image;
import io.aestus.api.v1alpha.ImageFilter;
import io.aestus.api.v1alpha.KeyValue;
import io.aestus.api.v1alpha.Network;
import io.aestus.api.v1alpha.Pod;
import io.aestus.api.v1alpha.PodFilter;
import io.aestus.api.v1alpha.PodState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each field of a filter means: any, all, or a bound. */
class SelectionTest {
    private static final Pod POD = Pod.newBuilder()
            .setId("one")
            .setState(PodState.POD_STATE_RUNNING)
            .addApps(App.newBuilder().setName("web").setImage(Image.newBuilder().setId("sha512-1")))
            .addApps(App.newBuilder().setName("log").setImage(Image.newBuilder().setId("sha512-2")))
            .addNetworks(Network.newBuilder().setName("default"))
            .addAnnotations(pair("tier", "front"))
            .setCgroup("/aestus/one")
            .build();
    private static final Image IMAGE = Image.newBuilder()
            .setId("sha512-1")
            .setName("coreos.com/etcd")
            .setImportTimestamp(100)
            .addLabels(pair("os", "linux"))
            .addAnnotations(pair("authors", "A"))
            .build();

    private static KeyValue pair(String key, String value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    private static PodFilter.Builder pods() {
        return PodFilter.newBuilder();
    }

    private static ImageFilter.Builder images() {
        return ImageFilter.newBuilder();
    }

    private static void assertAdmits(boolean expected, PodFilter.Builder... filters) {
        var all = List.of(filters).stream().map(PodFilter.Builder::build).toList();
        assertEquals(expected, Selection.admits(all, POD), all.toString());
    }

    private static void assertAdmits(boolean expected, ImageFilter.Builder... filters) {
        var all = List.of(filters).stream().map(ImageFilter.Builder::build).toList();
        assertEquals(expected, Selection.admits(all, IMAGE), all.toString());
    }

    @Test
    void of_pods_any_id_state_and_cgroup_will_do() {
        assertAdmits(true, new PodFilter.Builder[0]);
        assertAdmits(true, pods().addIds("other").addIds("one"));
        assertAdmits(false, pods().addIds("on"));
        assertAdmits(true, pods().addStates(PodState.POD_STATE_EXITED).addStates(PodState.POD_STATE_RUNNING));
        assertAdmits(false, pods().addStates(PodState.POD_STATE_EXITED));
        assertAdmits(true, pods().addCgroups("/aestus/one"));
        assertAdmits(false, pods().addCgroups("/aestus"));
        assertAdmits(true, pods().addPodSubCgroups("/aestus/one/web"));
        assertAdmits(true, pods().addPodSubCgroups("/aestus/one"));
        assertAdmits(false, pods().addPodSubCgroups("/aestus/ones"));
    }

    @Test
    void of_pods_all_apps_images_networks_and_annotations_must_be_there() {
        assertAdmits(true, pods().addAppNames("log").addAppNames("web"));
        assertAdmits(false, pods().addAppNames("log").addAppNames("other"));
        assertAdmits(true, pods().addImageIds("sha512-2"));
        assertAdmits(false, pods().addImageIds("sha512-2").addImageIds("sha512-3"));
        assertAdmits(true, pods().addNetworkNames("default"));
        assertAdmits(false, pods().addNetworkNames("backend"));
        assertAdmits(true, pods().addAnnotations(pair("tier", "front")));
        assertAdmits(false, pods().addAnnotations(pair("tier", "back")));
    }

    @Test
    void fields_are_joined_by_and_filters_by_or() {
        assertAdmits(false, pods().addIds("one").addAppNames("other"));
        assertAdmits(true, pods().addIds("one").addAppNames("other"), pods().addAppNames("web"));
    }

    @Test
    void of_images_names_are_looked_at_in_four_ways() {
        assertAdmits(true, images().addPrefixes("core"));
        assertAdmits(false, images().addPrefixes("etcd"));
        assertAdmits(true, images().addBaseNames("etcd"));
        assertAdmits(false, images().addBaseNames("etc"));
        assertAdmits(true, images().addKeywords("os.com/e"));
        assertAdmits(false, images().addKeywords("rkt"));
        assertAdmits(true, images().addFullNames("other").addFullNames("coreos.com/etcd"));
        assertAdmits(false, images().addFullNames("etcd"));
    }

    @Test
    void of_images_times_are_strict_and_all_labels_and_annotations_must_be_there() {
        assertAdmits(true, images().setImportedAfter(99).setImportedBefore(101));
        assertAdmits(false, images().setImportedAfter(100));
        assertAdmits(false, images().setImportedBefore(100));
        assertAdmits(true, images().addLabels(pair("os", "linux")).addAnnotations(pair("authors", "A")));
        assertAdmits(false, images().addLabels(pair("os", "linux")).addLabels(pair("arch", "amd64")));
        assertAdmits(false, images().addAnnotations(pair("authors", "B")));
        assertAdmits(true, images().addIds("sha512-0").addIds("sha512-1"));
    }

    @Test
    void of_events_what_was_missed_is_told_whatever_was_asked_for() {
        var exit = Event.newBuilder()
                .setType(EventType.EVENT_TYPE_APP_EXITED)
                .setId("one")
                .setFrom("web")
                .setTime(10);
        assertEquals(
                true, Selection.admits(EventFilter.newBuilder().addNames("web").build(), exit.build()));
        assertEquals(
                false, Selection.admits(EventFilter.newBuilder().addNames("log").build(), exit.build()));
        assertEquals(
                false, Selection.admits(EventFilter.newBuilder().addIds("two").build(), exit.build()));
        assertEquals(
                true,
                Selection.admits(
                        EventFilter.newBuilder()
                                .setSinceTime(10)
                                .setUntilTime(10)
                                .build(),
                        exit.build()));
        assertEquals(
                false,
                Selection.admits(EventFilter.newBuilder().setSinceTime(11).build(), exit.build()));
        assertEquals(
                false, Selection.admits(EventFilter.newBuilder().setUntilTime(9).build(), exit.build()));
        var missed = Event.newBuilder().setTime(10).build();
        assertEquals(
                true, Selection.admits(EventFilter.newBuilder().addNames("log").build(), missed));
    }
}
