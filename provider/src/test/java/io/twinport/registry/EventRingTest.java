package io.twinport.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.spi.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EventRingTest {
  private static final long MINUTE = EventRing.FOLD_MILLIS;

  private final EventRing ring = new EventRing();

  private static PathEvent fallback(int port, Reason reason, long millis) {
    return new PathEvent(
        PathEvent.Kind.FALLBACK, false, null, address(port), null, reason, null, millis, millis, 1);
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Test
  void whatHappensAgainWithinAMinuteIsOneEvent() {
    assertTrue(ring.add(fallback(80, Reason.NO_TWIN, 1_000)));
    assertFalse(ring.add(fallback(80, Reason.NO_TWIN, 5_000)));
    assertFalse(ring.add(fallback(80, Reason.NO_TWIN, 1_000 + MINUTE)));
    List<PathEvent> events = ring.since(0);
    assertEquals(2, events.size(), events::toString);
    assertEquals(2, events.get(0).times());
    assertEquals(1_000, events.get(0).firstMillis());
    assertEquals(5_000, events.get(0).lastMillis());
    assertEquals(1, events.get(1).times());
    assertEquals(3, ring.fallbacks(Reason.NO_TWIN));
  }

  @Test
  void anotherReasonAnotherPlaceAndAnotherSideAreEventsOfTheirOwn() {
    assertTrue(ring.add(fallback(80, Reason.NO_TWIN, 1_000)));
    assertTrue(ring.add(fallback(80, Reason.TIMEOUT, 1_000)));
    assertTrue(ring.add(fallback(81, Reason.NO_TWIN, 1_000)));
    PathEvent refused =
        PathEvent.atListener(
            PathEvent.Kind.REFUSED, address(80), address(9), null, Reason.BACKLOG_FULL, null);
    assertTrue(ring.add(refused));
    assertEquals(4, ring.since(0).size());
    assertEquals(1, ring.refusedAtListeners());
  }

  @Test
  void whoAsksForTheLastTimeGetsWhatHappenedInIt() {
    ring.add(fallback(80, Reason.NO_TWIN, 1_000));
    ring.add(fallback(81, Reason.NO_TWIN, 2_000));
    ring.add(fallback(80, Reason.NO_TWIN, 3_000));
    assertEquals(80, ring.since(2_500).get(0).peer().getPort());
    assertEquals(1, ring.since(2_500).size());
    assertEquals(List.of(), ring.since(3_001));
  }

  @Test
  void oneClientThatFloodsPushesNobodyOut() {
    ring.add(fallback(81, Reason.NO_TWIN, 1));
    for (int i = 0; i < 100_000; i++) {
      ring.add(fallback(80, Reason.NO_TWIN, i));
    }
    assertEquals(81, ring.since(0).get(0).peer().getPort());
    assertEquals(100_001, ring.since(0).stream().mapToLong(PathEvent::times).sum());
    assertEquals(0, ring.dropped());
  }

  @Test
  void theOldestMakeRoomForTheNewest() {
    int all = EventRing.MOST_EVENTS + 10;
    for (int i = 0; i < all; i++) {
      ring.add(fallback(1 + i, Reason.NO_TWIN, i));
    }
    List<PathEvent> events = ring.since(0);
    assertEquals(EventRing.MOST_EVENTS, events.size());
    assertEquals(11, events.get(0).peer().getPort());
    assertEquals(all, events.get(events.size() - 1).peer().getPort());
    assertEquals(10, ring.dropped());
    assertEquals(all, ring.fallbacks(Reason.NO_TWIN));
  }

  @Test
  void everNewPlacesDoNotFillTheLog() {
    int told = 0;
    for (int i = 0; i < 3 * EventRing.MOST_PLACES; i++) {
      told += ring.add(fallback(1 + i, Reason.NO_TWIN, 1_000)) ? 1 : 0;
    }
    assertEquals(EventRing.MOST_PLACES, told);
    assertTrue(ring.add(fallback(60_000, Reason.NO_TWIN, 2_000)));
  }

  @Test
  void aClockThatIsSetBackBeginsANewEvent() {
    ring.add(fallback(80, Reason.NO_TWIN, 10_000));
    ring.add(fallback(80, Reason.NO_TWIN, 5_000));
    assertEquals(2, ring.since(0).size());
  }

  @Test
  void detailsAreCutToALength() {
    PathEvent event =
        PathEvent.atClient(
            PathEvent.Kind.PROVIDER_FAILED, null, "x", Reason.PROVIDER_FAILED, "y".repeat(100_000));
    assertEquals(200, event.detail().length());
    assertTrue(ring.add(event));
    assertEquals(1, ring.providerFailures());
  }
}
