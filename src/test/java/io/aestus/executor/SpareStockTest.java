package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.Isolators;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which pods made ahead there are to be, and who gets which. */
class SpareStockTest {
    private static final SpareKind ALONE = SpareKind.ALONE;
    private static final SpareKind WEB = new SpareKind(SpareKind.Extent.POD, List.of("web"));
    private static final SpareKind DATA = new SpareKind(SpareKind.Extent.POD, List.of("data", "web"));
    private static final SpareKind NETWORK = new SpareKind(SpareKind.Extent.NETWORK, List.of("web"));
    private static final SpareKind WEB_APP = new SpareKind(SpareKind.Extent.POD, List.of("web"), outline("app"));
    private static final SpareKind OTHER_APP = new SpareKind(SpareKind.Extent.POD, List.of("web"), outline("other"));
    private static final long LONGEST = SpareStock.LONGEST_IN_NETWORKS.toNanos();

    private record Spare(String name, SpareKind kind, long since) implements SpareStock.Kept {}

    private final SpareStock<Spare> stock = new SpareStock<>(2);

    private static Spare spare(String name, SpareKind kind) {
        return new Spare(name, kind, 0);
    }

    private Optional<String> take(SpareKind kind) {
        return stock.take(kind).map(Spare::name);
    }

    private static Optional<AppOutline> outline(String name) {
        return Optional.of(new AppOutline(
                new AcName(name), new ImageId("a".repeat(128)), false, Isolators.NONE, Optional.empty(), false));
    }

    /** What the one does who makes them, until there is nothing to do. */
    private void fill(long now) {
        for (int i = 0; stock.isShort(now); i++) {
            assertTrue(i < 5, "it never ends");
            stock.outdated(now);
            stock.add(new Spare("made", stock.wish(), now));
        }
        assertEquals(2, stock.size());
    }

    @Test
    void at_first_they_are_alone() {
        assertEquals(Optional.empty(), take(ALONE));
        fill(0);
        assertEquals(ALONE, stock.take(ALONE).orElseThrow().kind());
        assertTrue(stock.isShort(0));
        fill(0);
        assertFalse(stock.isShort(0));
    }

    @Test
    void one_whose_first_app_is_ready_is_for_who_asks_for_that_app_first_and_for_others_after() {
        stock.add(spare("other", OTHER_APP));
        stock.add(spare("none", WEB));
        stock.add(spare("same", WEB_APP));
        assertEquals(Optional.of("same"), take(WEB_APP));
        assertEquals(WEB_APP, stock.wish());
        assertEquals(Optional.of("none"), take(WEB_APP), "whose app nobody needs to end");
        assertEquals(Optional.of("other"), take(WEB_APP), "its network is what takes long");
        assertEquals(Optional.empty(), take(WEB_APP));
        stock.add(spare("alone", ALONE));
        stock.add(spare("elsewhere", DATA));
        assertEquals(Optional.of("alone"), take(WEB_APP));
        fill(0);
        assertEquals(Optional.of("elsewhere"), take(DATA));
    }

    @Test
    void the_next_one_is_like_the_last_that_was_asked_for() {
        stock.add(spare("a", ALONE));
        stock.add(spare("b", ALONE));
        assertEquals(Optional.of("a"), take(WEB), "it can still be attached");
        assertEquals(WEB, stock.wish());
        stock.add(spare("c", WEB));
        assertEquals(Optional.of("c"), take(WEB));
        stock.add(spare("d", WEB));
        assertEquals(Optional.of("b"), take(ALONE));
        assertEquals(ALONE, stock.wish());
    }

    @Test
    void one_in_a_network_is_nothing_for_who_wants_another_or_none() {
        stock.add(spare("a", WEB));
        stock.add(spare("b", DATA));
        assertEquals(Optional.empty(), take(ALONE));
        assertEquals(List.of("a"), stock.outdated(0).stream().map(Spare::name).toList(), "it makes room");
        fill(0);
        assertEquals(Optional.of("made"), take(ALONE));
        assertEquals(Optional.of("b"), take(DATA));
    }

    @Test
    void a_network_by_itself_is_no_pod_and_a_pod_no_network() {
        stock.add(spare("a", NETWORK));
        assertEquals(Optional.empty(), take(WEB));
        assertEquals(Optional.of("a"), take(NETWORK));
        stock.add(spare("b", ALONE));
        assertEquals(Optional.empty(), take(NETWORK), "a pod has users of its own");
        fill(0);
        assertEquals(Optional.of("made"), take(NETWORK));
        assertEquals(Optional.of("b"), take(WEB));
    }

    @Test
    void a_wish_that_cannot_be_met_is_forgotten() {
        fill(0);
        take(WEB);
        stock.forgetWish();
        stock.add(spare("a", ALONE));
        assertFalse(stock.isShort(0));
    }

    @Test
    void nobody_gets_one_that_was_in_its_network_for_long() {
        stock.add(spare("a", ALONE));
        take(WEB);
        fill(0);
        assertEquals(LONGEST, stock.untilOutdated(0).orElseThrow());
        assertFalse(stock.isShort(LONGEST - 1));
        assertTrue(stock.isShort(LONGEST));
        fill(LONGEST);
        assertTrue(stock.untilOutdated(LONGEST).isEmpty(), "nobody has asked since");
        assertFalse(stock.isShort(LONGEST + Duration.ofDays(1).toNanos()));
        assertEquals(2, stock.clear().size());
        assertEquals(0, stock.size());
    }
}
